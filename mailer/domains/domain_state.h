// What is known about one domain's DNS records, and what a look at them changes about it. Values and pure functions.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/finding.h"
#include "mailer/base/clock.h"

namespace sealpost::domains {

struct WatchedKey {
  std::string name;    // where its record stands: "s1._domainkey.example.com"
  std::string record;  // what has to stand there
  bool waits = false;  // signs only once its record was seen there
  bool operator==(const WatchedKey&) const = default;
};

struct WatchedDomain {
  std::string name;              // lower-case A-label
  std::vector<WatchedKey> keys;  // that it signs with
  bool operator==(const WatchedDomain&) const = default;
};

struct FindingChange {
  std::string id, name;
  dns::Verdict was = dns::Verdict::kPass;
  dns::Verdict verdict = dns::Verdict::kPass;
  bool operator==(const FindingChange&) const = default;
};

struct VerdictChange {
  base::Time at = {};
  std::optional<dns::Outcome> was = {};  // nothing: it is the first verdict
  dns::Outcome verdict = dns::Outcome::kUnknown;
  std::vector<FindingChange> findings = {};
  bool Worse() const;
};

struct DomainState {
  using ReportPtr = std::shared_ptr<const dns::Report>;

  ReportPtr report;  // of the latest look; null: there was none
  base::Time checked_at = {};
  ReportPtr known;  // of the latest look that could tell; often the same
  base::Time known_at = {};
  // As it was told. "Could not tell" becomes the verdict when two looks in a row say so: one lost answer is no news.
  std::optional<dns::Outcome> verdict = {};
  base::Time since = {};
  // Since when looks that could tell have said no. Those that could not neither begin nor end it.
  std::optional<base::Time> failing_since = {};
  int unknown_in_a_row = 0;
  std::map<std::string, std::string> seen_keys = {};  // name to the record that was seen there
};

// Takes in what a look found. `keys` are those it was begun with. Answers the change of the verdict, if there is one.
std::optional<VerdictChange> TakeIn(DomainState& state, dns::Report report, const std::vector<WatchedKey>& keys,
                                    base::Time at);
// Since when the outcome of the latest look holds.
base::Time OutcomeSince(const DomainState& state);
// The worst verdict of each id and name, where it differs; fine ones (pass, info) are all alike.
std::vector<FindingChange> CompareFindings(const dns::Report* before, const dns::Report& after);
// The ids that decide against the domain, each once.
std::vector<std::string> FailingIds(const dns::Report& report);

struct Schedule {
  std::chrono::seconds interval{3'600};
  double jitter = 0.1;                    // each delay is scaled by 1 - jitter ... 1 + jitter
  std::chrono::seconds first_within{10};  // after the start: looks at many domains are spread over this
  std::chrono::seconds retry{60};         // after a look that could not tell; doubled each time up to the interval
  std::optional<std::chrono::seconds> grace{};  // a domain that fails this long is looked at just then
};
// From the latest look to the next. `random` is uniform in [0, 1).
base::Millis Delay(const DomainState& state, const Schedule& schedule, double random);

}  // namespace sealpost::domains
