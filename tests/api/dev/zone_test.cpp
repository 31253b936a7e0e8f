#include "api/dev/zone.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

TEST_CASE("every domain signed for or seen in From has its records") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto keyring = dev::DevKeyring::Open(folder.path() + "/dkim");
  const auto inbox = dev::InboxStore::Open(folder.path() + "/inbox", clock);
  REQUIRE(keyring);
  REQUIRE(inbox);
  const dev::Zone zone(**keyring, **inbox);
  CHECK(zone.Records().empty());
  CHECK_FALSE(base::Result<std::optional<std::string>>(zone.Snapshot()("acme.example")).value());

  (*keyring)->KeysFor("acme.example");
  (*inbox)->Add({}, "From: a@seen.example\r\n\r\n");
  const auto records = zone.Records();
  CHECK(records.size() == 12);
  CHECK(std::ranges::count(records, "MX", &dev::Record::type) == 2);

  const auto lookup = [found = zone.Snapshot()](std::string_view name) {
    return base::Result<std::optional<std::string>>(found(name)).value();
  };
  CHECK(lookup("acme.example") == "v=spf1 ip4:127.0.0.1 -all");
  CHECK(lookup("_DMARC.Acme.example.") == "v=DMARC1; p=quarantine; adkim=s; aspf=r; rua=mailto:dmarc@acme.example");
  CHECK(lookup("bounce.seen.example") == "v=spf1 ip4:127.0.0.1 -all");
  CHECK(lookup("dev-rsa._domainkey.seen.example")->starts_with("v=DKIM1; "));
  CHECK(lookup("dev-ed25519._domainkey.acme.example")->find("k=ed25519") != std::string::npos);
  CHECK_FALSE(lookup("other._domainkey.acme.example"));
  CHECK_FALSE(lookup("example"));
}

TEST_CASE("a name server learns of a name what stands at it, above it and below it, and of this machine") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto keyring = dev::DevKeyring::Open(folder.path() + "/dkim");
  const auto inbox = dev::InboxStore::Open(folder.path() + "/inbox", clock);
  REQUIRE(keyring);
  REQUIRE(inbox);
  const dev::Zone zone(**keyring, **inbox);
  (*keyring)->KeysFor("acme.example");
  (*keyring)->KeysFor("Shop.Acme.example");
  (*keyring)->KeysFor("notacme.example");
  const auto count = [&](std::string_view name) { return zone.Around(name).size(); };
  CHECK(count("elsewhere.test") == 2);  // localhost and its reverse name
  CHECK(count("notacme.example") == 2 + 7);
  CHECK(count("acme.example") == 2 + 14);
  CHECK(count("example") == 2 + 21);
  CHECK(count("") == 2 + 21);
  CHECK(count("x._domainkey.shop.acme.example") == 2 + 14);
  CHECK(count("cme.example") == 2);
}
