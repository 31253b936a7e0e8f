#include "api/app/domain_look.h"

#include <doctest/doctest.h>

#include <thread>

#include "mailer/base/json.h"
#include "mailer/dkim/key_files.h"
#include "tests/mailer/domains/reports.h"
#include "tests/support/fake_dns_server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::domains::tests;
using dkim::Algorithm;
using dns::Verdict;

namespace {

struct Book {
  // Declares acme.example with a key of each kind, s1, s2 and so on.
  explicit Book(const std::vector<Algorithm>& algorithms) {
    app::DeclaredDomain declared{"acme.example", "bounce.acme.example", {}};
    for (const Algorithm algorithm : algorithms) {
      const std::string selector = "s" + std::to_string(declared.dkim.size() + 1);
      const std::string file = folder.File(selector + ".pem");
      REQUIRE(dkim::MakeKeyFile(file, "acme.example", selector, algorithm));
      declared.dkim.push_back({selector, file});
    }
    REQUIRE(book.Replace({declared}, true));
  }
  app::Keys keys() const { return book.KeysFor("acme.example"); }

  tests::TempFolder folder;
  app::DomainBook book;
};

const dns::Finding* FindingAt(const dns::Report& report, std::string_view id, std::string_view name) {
  for (const dns::Finding& finding : report.findings)
    if (finding.id == id && finding.name == name) return &finding;
  return nullptr;
}

}  // namespace

TEST_CASE("an Ed25519 key waits only beside an RSA key") {
  const Book both({Algorithm::kRsaSha256, Algorithm::kEd25519Sha256});
  CHECK_FALSE(app::Waits(*both.keys()[0], both.keys()));
  CHECK(app::Waits(*both.keys()[1], both.keys()));
  const Book alone({Algorithm::kEd25519Sha256});
  CHECK_FALSE(app::Waits(*alone.keys()[0], alone.keys()));
}

TEST_CASE("what is wrong with the record of a waiting key is a warning, and decides nothing") {
  dns::Report report =
      ReportOf({FindingOf("SPF-NONE", Verdict::kPass), FindingOf("DKIM-NONE", Verdict::kFail, kKeyName),
                FindingOf("DKIM-KEYMATCH", Verdict::kPass, "s1._domainkey.acme.example")});
  REQUIRE(report.outcome == dns::Outcome::kNo);
  app::ExcuseWaiting(report, {"S2._domainkey.acme.example"});
  CHECK(report.outcome == dns::Outcome::kYes);
  CHECK(report.findings[1].verdict == Verdict::kWarn);
  CHECK(report.findings[1].detail.find("nothing is signed") != std::string::npos);
}

TEST_CASE("faults of other keys and of other kinds are not excused") {
  for (const auto& finding : {FindingOf("DKIM-NONE", Verdict::kFail, "s1._domainkey.acme.example"),
                              FindingOf("DMARC-NONE", Verdict::kFail, kKeyName)}) {
    dns::Report report = ReportOf({finding});
    app::ExcuseWaiting(report, {kKeyName});
    CHECK(report.outcome == dns::Outcome::kNo);
  }
}

TEST_CASE("a look asks the configured servers about the keys that the book has") {
  const Book book({Algorithm::kRsaSha256, Algorithm::kEd25519Sha256});
  tests::FakeDnsServer server;
  app::Config config;
  config.dns.servers = {server.address()};
  const auto look = app::MakeLook(config, book.book);
  REQUIRE(look);
  const std::string first = "s1._domainkey.acme.example", second = "s2._domainkey.acme.example";
  server.AddTxt(first, book.keys()[0]->DnsRecord());
  dns::Report report = (*look)("acme.example", {});
  CHECK(report.domain == "acme.example");
  CHECK(report.outcome == dns::Outcome::kNo);
  REQUIRE(FindingAt(report, "DKIM-KEYMATCH", first));
  CHECK(FindingAt(report, "DKIM-KEYMATCH", first)->verdict == Verdict::kPass);
  REQUIRE(FindingAt(report, "DKIM-NONE", second));
  CHECK(FindingAt(report, "DKIM-NONE", second)->verdict == Verdict::kWarn);

  // Nothing of the look before is kept.
  server.AddTxt(second, book.keys()[1]->DnsRecord());
  report = (*look)("acme.example", {});
  REQUIRE(FindingAt(report, "DKIM-KEYMATCH", second));
  CHECK(FindingAt(report, "DKIM-KEYMATCH", second)->verdict == Verdict::kPass);
}

TEST_CASE("a look that is told to stop asks nothing more") {
  const Book book({Algorithm::kRsaSha256});
  tests::FakeDnsServer server;
  app::Config config;
  config.dns.servers = {server.address()};
  const auto look = app::MakeLook(config, book.book);
  REQUIRE(look);
  std::stop_source source;
  source.request_stop();
  CHECK((*look)("acme.example", source.get_token()).outcome == dns::Outcome::kUnknown);
  CHECK(server.Count() == 0);
}

TEST_CASE("a look that cannot be prepared says what is wrong") {
  const Book book({});
  app::Config config;
  config.dns.servers = {"no address"};
  CHECK_FALSE(app::MakeLook(config, book.book));
  config.dns.servers.clear();
  config.dns.suffix_list_file = book.folder.File("none");
  CHECK_FALSE(app::MakeLook(config, book.book));
}

TEST_CASE("in development each request looks, away from the thread that asks") {
  const tests::ManualClock clock;
  const auto asking = std::this_thread::get_id();
  int looks = 0;
  const auto read = app::LookEachTime(
      [&](const std::string&) {
        ++looks;
        CHECK(std::this_thread::get_id() != asking);
        return Bad();
      },
      clock);
  REQUIRE(read("acme.example", false));
  const auto answer = read("acme.example", false);
  REQUIRE(answer);
  CHECK(looks == 2);
  const auto document = base::JsonDocument::Parse(*answer);
  REQUIRE(document);
  CHECK(document->Root()["verdict"].String() == "no");
  CHECK(document->Root()["checked_at"].String() == base::ToRfc3339(clock.Now()));
  CHECK(document->Root()["history"].Size() == 0);
}

TEST_CASE("in development the name server of the zone is asked about the keys that sign") {
  const Book book({Algorithm::kRsaSha256});
  const tests::ManualClock clock;
  tests::FakeDnsServer server;
  server.AddTxt("s1._domainkey.acme.example", book.keys()[0]->DnsRecord());
  const auto read = app::LookAtZone(server.address(), book.book, clock);
  REQUIRE(read);
  const auto answer = (*read)("acme.example", true);
  REQUIRE(answer);
  CHECK(answer->find(R"({"id":"DKIM-KEYMATCH","verdict":"pass")") != std::string::npos);
  CHECK(server.Count("acme.example") != 0);
  CHECK_FALSE(app::LookAtZone("nowhere", book.book, clock));
}
