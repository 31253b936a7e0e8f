// A DNS server for tests on 127.0.0.1, UDP and TCP on one port that the kernel chooses. It answers as a recursive
// server would from the records it is given, and misbehaves where it is told to. It shares no code with the product.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/fake_dns_records.h"
#include "tests/support/fake_dns_zone.h"

namespace sealpost::tests {

// Thread safe; every change holds from the next question on. The destructor closes all connections and joins.
class FakeDnsServer : public FakeDnsRecords {
 public:
  FakeDnsServer();
  ~FakeDnsServer() override;

  std::string address() const;  // "127.0.0.1:PORT"
  int port() const;

  // With the calls of FakeDnsRecords: AddA, AddTxt, Load and so on.
  void Add(const FakeDnsName& name, int type, std::string rdata, std::uint32_t ttl = kFakeDnsTtl) override;
  void Behave(const FakeDnsName& name, Behaviour behaviour);            // for every type
  void Behave(const FakeDnsName& name, int type, Behaviour behaviour);  // goes before the one for every type
  void Clear();                                                         // records, behaviours, what was asked
  void Use(FakeDnsZone zone);  // in place of all records and behaviours, in one step

  void SetTruncateAll(bool on);
  void SetSilenceAll(bool on);
  void SetAuthenticated(bool on);
  void SetExactNamesOnly(bool on);
  void SetUnderstandEdns(bool on);
  void SetChase(int aliases);                     // how many are followed within one answer
  void SetDelay(std::chrono::milliseconds time);  // each answer waits by itself; many wait at once

  std::vector<FakeDnsQuery> Asked() const;
  std::size_t Count() const;
  std::size_t Count(const FakeDnsName& name, std::optional<int> type = std::nullopt) const;  // in whatever case

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::tests
