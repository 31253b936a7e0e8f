// The resolver over the network: c-ares carries the datagrams, everything else (which server next, how long, what the
// bytes mean) is decided here.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dns/resolver.h"

namespace sealpost::dns {

struct CaresOptions {
  std::vector<Server> servers;                    // asked in order; empty: those of /etc/resolv.conf
  std::chrono::milliseconds first_try{800};       // wait for a server before the next try, doubled each round
  int rounds = 2;                                 // over all servers
  std::chrono::milliseconds per_question{5'000};  // from its first try; late answers count until then
};

// One thread and one c-ares channel per server: fail-over is ours, because with NOCHECKRESP (without which SERVFAIL and
// REFUSED are retried and lose their answer) c-ares has none. SERVFAIL, REFUSED, silence and malformed answers go to
// the next server, and a server that answered is not asked again; the last failure is the answer, where a server's word
// outweighs silence. EDNS 1232 (DNS flag day 2020), DO off, AD set (RFC 6840 5.7), TCP after truncation, no search
// list, no hosts file. Questions of any number run side by side.
class CaresResolver final : public Resolver {
 public:
  using Done = std::function<void(Answer)>;

  explicit CaresResolver(CaresOptions options);
  ~CaresResolver() override;  // open questions end as kTimeout
  CaresResolver(const CaresResolver&) = delete;
  CaresResolver& operator=(const CaresResolver&) = delete;

  Answer Ask(const Question& question, Deadline deadline) override;
  // Does not block; `done` is called once, on the resolver's thread or (kBadName) on the caller's, and must not block,
  // throw or call Ask().
  void Start(const Question& question, Deadline deadline, Done done);
  // The servers asked, for people.
  std::vector<Server> Servers() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace sealpost::dns
