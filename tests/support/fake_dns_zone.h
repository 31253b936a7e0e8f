// What the fake DNS server knows, and the answer to a question: bytes in, bytes out. Answers as a recursive server
// would whose whole world is this zone. Not thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/fake_dns_records.h"

namespace sealpost::tests {

enum class Behaviour {
  kSilent,
  kServfail,
  kRefused,
  kNotImplemented,
  kMalformed,            // the right id and question, then bytes that are no records
  kWrongId,              // a good answer to somebody else's question
  kWrongQuestion,        // the right id, another name in the question
  kTruncateUdp,          // TC and nothing else over UDP, all of it over TCP
  kBogus,                // a broken DNSSEC chain: SERVFAIL unless the question has CD
  kLoop,                 // the answer's name is a compression pointer to itself
  kInsecure,             // never AD, whatever SetAuthenticated says
  kSilentWithoutData,    // kSilent for the types that have no record at the name
  kServfailWithoutData,  // kServfail for these
};

struct FakeDnsSwitches {
  bool truncate_all = false;      // every answer over UDP
  bool silence_all = false;       // UDP and TCP
  bool authenticated = false;     // AD where the question has AD or DO, and on no kBogus name
  bool exact_names_only = false;  // a name above other names does not exist by that alone
  bool understand_edns = true;    // false: FORMERR for every question with OPT
  int chase = 16;                 // aliases followed within one answer
};

struct FakeDnsQuery {
  std::string name;  // as FakeDnsName::Text writes it, in the case in which it came
  int type = 0;
  bool tcp = false;
  bool recursion_desired = false;
  bool authentic_data = false;     // AD
  bool checking_disabled = false;  // CD
  bool dnssec_ok = false;          // DO
  std::size_t edns_size = 0;       // 0: no OPT
};

class FakeDnsZone : public FakeDnsRecords {
 public:
  void Add(const FakeDnsName& name, int type, std::string rdata, std::uint32_t ttl = kFakeDnsTtl) override;
  // The one for a type goes before the one for all types. Makes the name exist for no question but its own.
  void Behave(const FakeDnsName& name, std::optional<int> type, Behaviour behaviour);

  // Nothing: silence. `heard` is set if the question could be read.
  std::optional<std::string> Answer(std::string_view question, bool tcp, const FakeDnsSwitches& switches,
                                    std::optional<FakeDnsQuery>& heard) const;

 private:
  struct Record {
    int type;
    std::uint32_t ttl;
    std::string rdata;
  };
  using Labels = std::vector<std::string>;  // in lower case
  struct Placed {
    Labels owner;
    const Record* record;
  };
  struct Found {
    int rcode = 0;
    bool silent = false;
    bool secure = true;
    std::optional<Behaviour> behaviour;  // of the name that was asked
    std::vector<Placed> answer;
    std::vector<Placed> authority;
  };

  bool Exists(const Labels& name, bool exact) const;
  const std::vector<Record>* RecordsAt(const Labels& name, bool exact) const;
  std::optional<Behaviour> BehaviourOf(const Labels& name, int type) const;
  Found Find(Labels name, const FakeDnsQuery& query, const FakeDnsSwitches& switches) const;
  bool Misbehave(Behaviour behaviour, bool has_data, const FakeDnsQuery& query, Found& found) const;
  void AddSoaOf(Labels name, Found& found) const;

  std::map<Labels, std::vector<Record>> records_;
  std::set<Labels> above_;  // the names above those that have records
  std::map<std::pair<Labels, int>, Behaviour> behaviours_;
};

}  // namespace sealpost::tests
