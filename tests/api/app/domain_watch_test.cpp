#include "api/app/domain_watch.h"

#include <doctest/doctest.h>

#include <mutex>

#include "mailer/dkim/key_files.h"
#include "tests/mailer/domains/reports.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::domains::tests;
using dkim::Algorithm;
using dns::Verdict;

namespace {

// acme.example with an RSA key s1 and an Ed25519 key s2; a look answers what the test says.
class Watched {
 public:
  explicit Watched(domains::Gate gate = domains::Gate::kWarn, bool with_rsa = true) {
    app::DeclaredDomain declared{"acme.example", "bounce.acme.example", {}};
    if (with_rsa) declared.dkim.push_back({"s1", MakeKey("s1", Algorithm::kRsaSha256)});
    declared.dkim.push_back({"s2", MakeKey("s2", Algorithm::kEd25519Sha256)});
    REQUIRE(book.Replace({declared}, true));
    auto opened = store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log);
    REQUIRE(opened);
    database = std::move(*opened);
    domains::MonitorOptions options;
    options.gate = {gate, std::chrono::seconds(0)};
    watch = std::make_unique<app::DomainWatch>(
        book, options,
        [this](const std::string&, const std::stop_token&) {
          const std::lock_guard lock(mutex_);
          return report_;
        },
        clock, log, metrics);
  }
  ~Watched() { watch->Close(); }

  void Open() {
    REQUIRE(watch->Open(*database));
    watch->Start();
  }
  void Look(dns::Report report) {
    {
      const std::lock_guard lock(mutex_);
      report_ = std::move(report);
    }
    clock.Advance(std::chrono::minutes(1));
    REQUIRE(watch->Report("acme.example", true));
  }
  std::size_t Signing() const { return watch->KeysFor("acme.example").size(); }

  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  app::DomainBook book;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<app::DomainWatch> watch;

 private:
  std::string MakeKey(const std::string& selector, Algorithm algorithm) {
    const std::string file = folder.File(selector + ".pem");
    REQUIRE(dkim::MakeKeyFile(file, "acme.example", selector, algorithm));
    return file;
  }
  std::mutex mutex_;
  dns::Report report_;
};

}  // namespace

TEST_CASE("an Ed25519 key signs once its record was seen, RSA always") {
  Watched watched;
  CHECK(watched.Signing() == 1);
  watched.Open();
  CHECK(watched.Signing() == 1);
  watched.Look(WithKey(Verdict::kPass));
  CHECK(watched.Signing() == 2);
  watched.Look(CouldNotTell());
  CHECK(watched.Signing() == 2);
  watched.Look(WithKey(Verdict::kWarn, "DKIM-REVOKED"));
  CHECK(watched.Signing() == 1);
  CHECK(watched.watch->KeysFor("acme.example")[0]->algorithm() == Algorithm::kRsaSha256);
}

TEST_CASE("a domain that has only an Ed25519 key signs with it in any case") {
  Watched watched(domains::Gate::kWarn, false);
  CHECK(watched.Signing() == 1);
  watched.Open();
  watched.Look(WithKey(Verdict::kFail, "DKIM-NONE"));
  CHECK(watched.Signing() == 1);
}

TEST_CASE("a failing domain is told as degraded; block refuses its mail, warn does not") {
  for (const auto gate : {domains::Gate::kOff, domains::Gate::kWarn, domains::Gate::kBlock}) {
    Watched watched(gate);
    watched.Open();
    watched.Look(Good());
    CHECK(watched.watch->Health().status == "ok");
    watched.Look(Bad());
    CHECK(watched.watch->Health().status == (gate == domains::Gate::kOff ? "ok" : "degraded"));
    CHECK(watched.watch->Refused("acme.example").has_value() == (gate == domains::Gate::kBlock));
    CHECK(watched.watch->Find("acme.example"));
    CHECK_FALSE(watched.watch->Refused("other.example"));
  }
}

TEST_CASE("where no domain is declared that is what is told") {
  Watched watched;
  REQUIRE(watched.book.Replace({}, true));
  watched.Open();
  const auto health = watched.watch->Health();
  CHECK(health.status == "degraded");
  CHECK(health.detail.find("sealpost dkim keygen") != std::string::npos);
  CHECK(watched.watch->Report("acme.example", false).error().kind == base::ErrorKind::kNotFound);
}

TEST_CASE("what the configuration says is what the monitor does") {
  app::Config config;
  config.dns.check_interval = 600;
  config.sending.gate = "block";
  config.sending.gate_grace = 7;
  const auto options = app::WatchOptions(config);
  CHECK(options.schedule.interval == std::chrono::seconds(600));
  CHECK(options.gate.gate == domains::Gate::kBlock);
  CHECK(options.gate.grace == std::chrono::seconds(7));
}
