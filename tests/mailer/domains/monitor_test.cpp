#include "mailer/domains/monitor.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "mailer/store/domain_checks.h"
#include "tests/mailer/domains/reports.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::domains;
using namespace sealpost::domains::tests;
using namespace std::chrono_literals;
using dns::Outcome;
using dns::Verdict;
using sealpost::tests::WaitFor;

namespace {

// Answers each look with what the test has put there; may be told to hang until it is stopped.
class Script {
 public:
  void Say(const std::string& domain, dns::Report report) {
    const std::lock_guard lock(mutex_);
    reports_[domain] = std::move(report);
  }
  void Hang(bool on) {
    const std::lock_guard lock(mutex_);
    hang_ = on;
    changed_.notify_all();
  }
  int looks(const std::string& domain = "acme.example") {
    const std::lock_guard lock(mutex_);
    return looks_[domain];
  }
  dns::Report Look(const std::string& domain, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    ++looks_[domain];
    changed_.wait(lock, stop, [this] { return !hang_; });
    return reports_.contains(domain) ? reports_[domain] : CouldNotTell();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, dns::Report> reports_;
  std::map<std::string, int> looks_;
  bool hang_ = false;
};

class Fixture {
 public:
  Fixture() {
    options.schedule.first_within = 0s;
    options.schedule.jitter = 0;
    Declare({{"acme.example", {{kKeyName, "v=DKIM1; k=ed25519; p=A", true}}}});
    OpenStore();
  }
  ~Fixture() { monitor.reset(); }

  void OpenStore() {
    database.reset();
    auto opened = store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log);
    REQUIRE(opened);
    database = std::move(*opened);
  }
  void Declare(std::vector<WatchedDomain> domains) {
    const std::lock_guard lock(mutex_);
    declared_ = std::move(domains);
  }
  // Not started.
  void Open() {
    auto made = Monitor::Open(
        options, {[this](const std::string& domain, const std::stop_token& stop) { return script.Look(domain, stop); },
                  [this] {
                    const std::lock_guard lock(mutex_);
                    return declared_;
                  },
                  *database, clock, log, metrics});
    REQUIRE(made);
    monitor = std::move(*made);
  }
  void Start() {
    Open();
    monitor->Start();
  }
  void Restart() {
    monitor.reset();
    OpenStore();
    Open();
  }
  // Lets the time pass and waits for what then is the domain's next look to be taken in.
  DomainState After(std::chrono::seconds time) {
    const base::Time begun = clock.Now() + time;
    clock.Advance(time);
    monitor->Refresh();
    REQUIRE(WaitFor([&] { return State().checked_at >= begun; }));
    return State();
  }
  DomainState State(const std::string& domain = "acme.example") {
    auto state = monitor->Latest(domain, false);
    REQUIRE(state);
    return *state;
  }
  std::vector<VerdictChange> History(const std::string& domain = "acme.example") {
    auto history = monitor->History(domain, 100);
    REQUIRE(history);
    return *history;
  }
  bool Shows(const std::string& line) { return metrics.Expose().find(line + "\n") != std::string::npos; }

  sealpost::tests::TempFolder folder;
  sealpost::tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  MonitorOptions options;
  Script script;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Monitor> monitor;

 private:
  std::mutex mutex_;
  std::vector<WatchedDomain> declared_;
};

std::string Gauge(const std::string& verdict, int value, const std::string& domain = "acme.example") {
  return "sealpost_domain_verdict{domain=\"" + domain + "\",verdict=\"" + verdict + "\"} " + std::to_string(value);
}

}  // namespace

TEST_CASE("a domain is looked at after the start and again when the interval is over") {
  Fixture fixture;
  fixture.script.Say("acme.example", Good());
  fixture.Start();
  CHECK(fixture.State().verdict == Outcome::kYes);
  fixture.script.Say("acme.example", Bad());
  const DomainState state = fixture.After(3'600s);
  CHECK(state.verdict == Outcome::kNo);
  CHECK(state.failing_since == fixture.clock.Now());
  CHECK(fixture.script.looks() == 2);
}

TEST_CASE("a change of the verdict is in the history and the metrics") {
  Fixture fixture;
  fixture.script.Say("acme.example", Good());
  fixture.Start();
  fixture.State();
  fixture.script.Say("acme.example", Bad());
  fixture.After(3'600s);
  CHECK(WaitFor([&] { return fixture.History().size() == 2; }));
  const auto history = fixture.History();
  CHECK(history[0].was == Outcome::kYes);
  CHECK(history[0].verdict == Outcome::kNo);
  CHECK(history[0].findings.at(0).id == "SPF-NONE");
  CHECK_FALSE(history[1].was);
  CHECK(fixture.Shows(Gauge("no", 1)));
  CHECK(fixture.Shows(Gauge("yes", 0)));
  CHECK(fixture.Shows(Gauge("unknown", 0)));
  CHECK(fixture.Shows("sealpost_domain_checks_total{verdict=\"yes\"} 1"));
  CHECK(fixture.Shows("sealpost_domain_checks_total{verdict=\"no\"} 1"));
}

TEST_CASE("what could not be told is asked again after a minute, then two, and replaces nothing") {
  Fixture fixture;
  fixture.script.Say("acme.example", Good());
  fixture.Start();
  fixture.State();
  fixture.script.Say("acme.example", CouldNotTell());
  CHECK(fixture.After(3'600s).verdict == Outcome::kYes);
  const DomainState second = fixture.After(60s);
  CHECK(second.verdict == Outcome::kUnknown);
  CHECK(second.known->outcome == Outcome::kYes);
  fixture.script.Say("acme.example", Good());
  CHECK(fixture.After(120s).verdict == Outcome::kYes);
  CHECK(fixture.script.looks() == 4);
}

TEST_CASE("after a restart everything is known before the first look") {
  Fixture fixture;
  fixture.options.gate = {Gate::kBlock, 0s};
  dns::Report report = WithKey(Verdict::kPass);
  report.findings.push_back(FindingOf("SPF-MULTI", Verdict::kFail));
  dns::Conclude(report);
  fixture.script.Say("acme.example", report);
  fixture.Start();
  fixture.State();
  REQUIRE(WaitFor([&] { return fixture.History().size() == 1; }));
  const base::Time begun = fixture.clock.Now();
  fixture.clock.Advance(10min);
  fixture.Restart();
  const DomainState state = fixture.State();
  CHECK(state.verdict == Outcome::kNo);
  CHECK(state.failing_since == begun);
  CHECK(state.report->findings.size() == 3);
  CHECK(fixture.monitor->Refused("acme.example"));
  CHECK(fixture.monitor->HasSeen("acme.example", kKeyName, "v=DKIM1; k=ed25519; p=A"));
  CHECK(fixture.script.looks() == 1);
  CHECK(fixture.Shows(Gauge("no", 1)));
  fixture.monitor->Start();
  CHECK(WaitFor([&] { return fixture.script.looks() == 2; }));
}

TEST_CASE("block refuses when the grace period is over, and a good look ends it") {
  Fixture fixture;
  fixture.options.gate = {Gate::kBlock, 5'000s};
  fixture.script.Say("acme.example", Bad());
  fixture.Start();
  fixture.State();
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
  CHECK(fixture.monitor->Troubles().size() == 1);
  fixture.After(3'600s);
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
  fixture.After(1'400s);
  REQUIRE(fixture.monitor->Refused("acme.example"));
  CHECK(fixture.monitor->Refused("acme.example")->find("SPF-NONE") != std::string::npos);
  CHECK_FALSE(fixture.monitor->Refused("other.example"));
  fixture.script.Say("acme.example", Good());
  fixture.clock.Advance(10s);
  REQUIRE(fixture.monitor->Latest("acme.example", true));
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
  CHECK(fixture.monitor->Troubles().empty());
}

TEST_CASE("silence at the end of the grace period refuses nothing") {
  Fixture fixture;
  fixture.options.gate = {Gate::kBlock, 1'000s};
  fixture.script.Say("acme.example", Bad());
  fixture.Start();
  fixture.State();
  fixture.script.Say("acme.example", CouldNotTell());
  fixture.After(1'000s);
  fixture.After(60s);
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
  fixture.script.Say("acme.example", Bad());
  fixture.After(120s);
  CHECK(fixture.monitor->Refused("acme.example"));
}

TEST_CASE("warn and off refuse nothing, and off tells nothing") {
  for (const Gate gate : {Gate::kWarn, Gate::kOff}) {
    Fixture fixture;
    fixture.options.gate = {gate, 0s};
    fixture.script.Say("acme.example", Bad());
    fixture.Start();
    fixture.State();
    CHECK_FALSE(fixture.monitor->Refused("acme.example"));
    CHECK(fixture.monitor->Troubles().size() == (gate == Gate::kWarn ? 1u : 0u));
  }
}

TEST_CASE("a key's record is seen, lost, and never taken for another's") {
  Fixture fixture;
  const std::string record = "v=DKIM1; k=ed25519; p=A";
  fixture.script.Say("acme.example", WithKey(Verdict::kWarn, "DKIM-NONE"));
  fixture.Start();
  fixture.State();
  CHECK_FALSE(fixture.monitor->HasSeen("acme.example", kKeyName, record));
  fixture.script.Say("acme.example", WithKey(Verdict::kPass));
  fixture.After(3'600s);
  CHECK(fixture.monitor->HasSeen("acme.example", kKeyName, record));
  CHECK_FALSE(fixture.monitor->HasSeen("acme.example", kKeyName, "v=DKIM1; k=ed25519; p=B"));
  CHECK_FALSE(fixture.monitor->HasSeen("other.example", kKeyName, record));
  fixture.script.Say("acme.example", WithKey(Verdict::kWarn, "DKIM-REVOKED"));
  fixture.After(3'600s);
  CHECK_FALSE(fixture.monitor->HasSeen("acme.example", kKeyName, record));
}

TEST_CASE("a domain with other keys is looked at now") {
  Fixture fixture;
  fixture.script.Say("acme.example", WithKey(Verdict::kPass));
  fixture.Start();
  fixture.State();
  fixture.Declare({{"acme.example", {{kKeyName, "v=DKIM1; k=ed25519; p=B", true}}}});
  fixture.monitor->Refresh();
  CHECK(WaitFor([&] { return fixture.monitor->HasSeen("acme.example", kKeyName, "v=DKIM1; k=ed25519; p=B"); }));
}

TEST_CASE("a domain declared later is looked at, one taken out is forgotten but for its history") {
  Fixture fixture;
  fixture.options.gate = {Gate::kBlock, 0s};
  fixture.script.Say("acme.example", Bad());
  fixture.script.Say("new.example", Good());
  fixture.Start();
  fixture.State();
  REQUIRE(WaitFor([&] { return fixture.History().size() == 1; }));
  fixture.Declare({{"new.example", {}}});
  fixture.monitor->Refresh();
  CHECK(fixture.State("new.example").verdict == Outcome::kYes);
  const auto gone = fixture.monitor->Latest("acme.example", false);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == base::ErrorKind::kNotFound);
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
  CHECK(fixture.Shows(Gauge("no", 0)));
  CHECK(fixture.History().size() == 1);

  // Back again it has its grace anew, also if it was taken out while the service was down.
  fixture.Declare({{"acme.example", {}}});
  fixture.Restart();
  CHECK_FALSE(fixture.monitor->Refused("acme.example"));
}

TEST_CASE("a fresh look is had at once, but not twice within ten seconds") {
  Fixture fixture;
  fixture.script.Say("acme.example", Bad());
  fixture.Start();
  fixture.State();
  fixture.script.Say("acme.example", Good());
  CHECK(fixture.monitor->Latest("acme.example", true)->verdict == Outcome::kNo);
  fixture.clock.Advance(10s);
  CHECK(fixture.monitor->Latest("acme.example", true)->verdict == Outcome::kYes);
  CHECK(fixture.monitor->Latest("acme.example", true)->verdict == Outcome::kYes);
  CHECK(fixture.script.looks() == 2);
}

TEST_CASE("many who ask for a fresh look at once share one") {
  Fixture fixture;
  fixture.script.Say("acme.example", Good());
  fixture.script.Hang(true);
  fixture.Start();
  REQUIRE(WaitFor([&] { return fixture.script.looks() == 1; }));
  std::vector<std::future<bool>> askers;
  for (int i = 0; i < 8; ++i) {
    askers.push_back(
        std::async(std::launch::async, [&] { return fixture.monitor->Latest("acme.example", true).has_value(); }));
  }
  fixture.script.Hang(false);
  for (auto& asker : askers) CHECK(asker.get());
  CHECK(fixture.script.looks() == 1);
}

TEST_CASE("a silent domain does not hold up another") {
  Fixture fixture;
  fixture.Declare({{"acme.example", {}}, {"slow.example", {}}});
  fixture.script.Say("acme.example", Good());
  fixture.script.Hang(true);
  fixture.Start();
  CHECK(WaitFor([&] { return fixture.script.looks() == 1 && fixture.script.looks("slow.example") == 1; }));
}

TEST_CASE("a stop ends a look that hangs and sends away who waits, and what it saw counts for nothing") {
  Fixture fixture;
  fixture.script.Say("acme.example", Bad());
  fixture.script.Hang(true);
  fixture.Start();
  auto asker = std::async(std::launch::async, [&] { return fixture.monitor->Latest("acme.example", false); });
  REQUIRE(WaitFor([&] { return fixture.script.looks() == 1; }));
  fixture.monitor->Stop();
  const auto answer = asker.get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == base::ErrorKind::kUnavailable);
  fixture.Restart();
  CHECK(fixture.History().empty());
  CHECK_FALSE(fixture.Shows(Gauge("no", 1)));
}

TEST_CASE("looks that take too long are not waited for for ever") {
  Fixture fixture;
  fixture.options.patience = 0s;
  fixture.script.Hang(true);
  fixture.Start();
  const auto answer = fixture.monitor->Latest("acme.example", true);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == base::ErrorKind::kUnavailable);
}

TEST_CASE("a state in the store that cannot be read is looked up anew") {
  Fixture fixture;
  fixture.script.Say("acme.example", Good());
  REQUIRE(fixture.database->Write([](store::Session& session) {
    return store::PutDomainCheck(session, {.domain = "acme.example", .seen_keys = "{}", .report = "damaged"});
  }));
  fixture.Start();
  CHECK(fixture.State().verdict == Outcome::kYes);
}
