// What one evaluation of SPF asks the DNS, and the counting of it (RFC 7208 4.6.4, 5.3 to 5.7).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "dns/spf_evaluator.h"
#include "dns/spf_record.h"

namespace sealpost::dns {

// Ends the whole evaluation.
struct SpfStop {
  SpfResult result = SpfResult::kPermerror;  // or kTemperror
  std::string problem;
};
using SpfMatch = std::expected<bool, SpfStop>;

struct SpfPointers {  // PTR names of the client's address
  bool empty = false;
  std::vector<std::string> validated;
};

// The counters of one evaluation, shared by all its includes and redirects. `target` is the expanded domain of a term
// (spf_macro.h). Not thread safe; the resolver must outlive it.
class SpfMechanisms {
 public:
  SpfMechanisms(Resolver& resolver, const Ip& ip, const SpfLimits& limits, Deadline deadline);

  // A term that costs a lookup begins.
  std::expected<void, SpfStop> CountTerm(const std::string& term);
  // Does the client's address match? `term` is not include.
  SpfMatch Match(const SpfTerm& term, const std::string& target);
  // The TXT records of a name. `counted`: asked by a term, which is void if there are none.
  std::expected<Answer, SpfStop> AskText(const std::string& target, bool counted);
  // %{p} (7.3): a name of the address that leads back to it, `domain` or one below it if possible; else "unknown".
  std::string ValidatedName(const std::string& domain);
  // Tells the resolver what the terms of the record of `domain` will ask if none before them matches: nothing behind a
  // network that holds the client, no names with macros, no ptr.
  void Prefetch(const SpfRecord& record, const std::string& domain);
  bool Late() const;

  int lookups() const { return lookups_; }
  int void_lookups() const { return void_lookups_; }

 private:
  using Asked = std::expected<Answer, SpfStop>;
  Asked Ask(const std::string& name, Type type);
  Asked AskCounted(const std::string& name, Type type);
  std::expected<void, SpfStop> CountVoid();
  SpfMatch MatchAddress(const SpfTerm& term, const std::string& name);
  SpfMatch MatchExists(const std::string& name);
  SpfMatch MatchExchanges(const SpfTerm& term, const std::string& name);
  SpfMatch MatchPointers(const std::string& name);
  const SpfPointers& FindPointers();
  Type AddressType() const { return ip_.v6 ? Type::kAaaa : Type::kA; }
  Type TypeAsked(Mechanism mechanism) const;

  Resolver& resolver_;
  const Ip ip_;
  const SpfLimits limits_;
  const Deadline deadline_;
  int lookups_ = 0;
  int void_lookups_ = 0;
  bool void_term_ = false;  // the term at hand has had an empty answer
  std::optional<SpfPointers> pointers_;
};

}  // namespace sealpost::dns
