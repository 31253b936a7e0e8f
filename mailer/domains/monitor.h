// Looks at the declared domains' DNS records again and again, keeps what it saw, tells when a verdict changes, and
// answers what follows from it for sending.
//
// Thread safe. A few threads look side by side, so that one domain's silent name servers do not hold up the others, and
// never two at the same domain. What is known is in the store after each look and is there again after a restart.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dns/finding.h"
#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/domains/domain_state.h"
#include "mailer/domains/gate.h"
#include "mailer/store/database.h"

namespace sealpost::domains {

// Looks at one domain. Blocks, within a limit of its own; ends soon when a stop is requested, and what it answers then
// is thrown away. Called on several threads.
using Look = std::function<dns::Report(const std::string& domain, const std::stop_token& stop)>;
// The domains as they are declared now.
using Declared = std::function<std::vector<WatchedDomain>()>;

struct MonitorOptions {
  Schedule schedule;  // its grace is the gate's
  GatePolicy gate;
  std::chrono::seconds fresh_after{10};  // a look this young is fresh enough for who asks for a fresh one
  std::chrono::seconds patience{40};     // how long who asks waits for it
  std::size_t side_by_side = 4;          // looks
};

struct MonitorParts {
  Look look;
  Declared declared;
  store::Database& database;
  const base::Clock& clock;
  base::Log& log;
  base::Metrics& metrics;
};

class Monitor {
 public:
  // Reads from the store what is known of the domains declared now, and forgets the others.
  static base::Result<std::unique_ptr<Monitor>> Open(MonitorOptions options, MonitorParts parts);
  ~Monitor();  // stops and waits for looks under way
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void Start();
  // No look begins any more, those under way are told to end; whoever waits is sent away. Does not block. What is known
  // is still answered.
  void Stop();
  // The declared domains have changed, or the clock was moved. New domains, and those with other keys, are looked at
  // now; a domain that is gone is forgotten but for its history.
  void Refresh();

  // The latest look; if there was none yet, or a fresh one is asked for, it waits for one. kNotFound: not declared.
  // kUnavailable: no look came to an end in time.
  base::Result<DomainState> Latest(std::string_view domain, bool fresh);
  // The latest first.
  base::Result<std::vector<VerdictChange>> History(std::string_view domain, std::size_t limit);
  // Whether this record was seen there at the latest look that could tell.
  bool HasSeen(std::string_view domain, const std::string& key_name, const std::string& record) const;
  // Why mail from this domain is refused, in a sentence for the caller; nothing: it is not.
  std::optional<std::string> Refused(std::string_view domain) const;
  // A sentence for each domain that fails; none with a gate that is off.
  std::vector<std::string> Troubles() const;

 private:
  struct Entry {
    WatchedDomain domain;
    DomainState state;
    base::Time due = {};
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Monitor(MonitorOptions options, MonitorParts parts);
  base::Result<void> Load();
  void Work(const std::stop_token& stop);
  std::optional<WatchedDomain> AwaitDue(const std::stop_token& stop);
  void LookAt(const WatchedDomain& domain, const std::stop_token& stop);
  void Finish(const std::string& name);
  void Tell(const std::string& name, const VerdictChange& change);
  void TellKeys(const WatchedDomain& domain, const DomainState& before, const DomainState& after);
  void Keep(const std::string& name, const DomainState& state, const std::optional<VerdictChange>& change);
  void ShowVerdict(const std::string& name, std::optional<dns::Outcome> verdict);

  const MonitorOptions options_;
  const MonitorParts parts_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;  // something may be due, a look has ended, or all is over
  Entries entries_;                      // guarded by mutex_
  std::set<std::string> looking_;        // guarded by mutex_: names; a domain may be gone before its look has ended
  std::uint64_t version_ = 0;            // guarded by mutex_: counts what `changed_` tells
  bool stopped_ = false;                 // guarded by mutex_
  std::vector<std::jthread> threads_;    // last: they use all of the above
};

}  // namespace sealpost::domains
