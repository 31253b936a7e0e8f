// check_host() of RFC 7208, as a receiver runs it, with a trace of every term.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dns/resolver.h"

namespace sealpost::dns {

enum class SpfResult { kNone, kNeutral, kPass, kFail, kSoftfail, kTemperror, kPermerror };
std::string_view SpfResultName(SpfResult result);  // as in RFC 8601 2.7.2

struct SpfQuery {
  Ip ip;               // of the SMTP client
  std::string sender;  // MAIL FROM without brackets; empty: postmaster@HELO (2.4)
  std::string helo;
  std::string receiver;  // %{r}; may be empty
};

struct SpfLimits {  // 4.6.4
  int lookups = 10;
  int void_lookups = 2;
  int mx_names = 10;
  int ptr_names = 10;
  std::chrono::milliseconds overall{20'000};
};
inline constexpr SpfLimits kSpfLimits;

struct SpfStep {
  int depth = 0;         // 0: the sender's own record; one more in each include (redirect stays)
  std::string domain;    // whose record
  std::string term;      // as written; "record" for the record itself
  std::string expanded;  // the name asked, if there is one
  std::string outcome;   // "match", "no match", "include: softfail", "10 lookups reached", ...
  int lookups = 0;       // counted so far, this step included
  int void_lookups = 0;
};

struct SpfOutcome {
  SpfResult result = SpfResult::kNone;
  std::string domain;       // whose record was asked for first
  std::string record;       // its text, if there is one
  std::string mechanism;    // the top-level term that matched, "default" if none did, empty on errors
  std::string problem;      // why none, temperror or permerror, for people
  std::string explanation;  // on fail, from exp= (6.2); empty: none published or not usable
  int lookups = 0;
  int void_lookups = 0;
  std::vector<SpfStep> trace;  // 200 steps at most
};

// Blocks as the resolver does; the deadline is the earlier of the given one and limits.overall from now. No
// exceptions of its own. Thread safe if the resolver is.
SpfOutcome CheckHost(Resolver& resolver, const SpfQuery& query, const SpfLimits& limits, Deadline deadline);

}  // namespace sealpost::dns
