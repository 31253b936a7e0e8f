#include "api/dev/dev_keyring.h"

#include <doctest/doctest.h>

#include <thread>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using dev::DevKeyring;

TEST_CASE("the keys are made once and sign for every domain") {
  tests::TempFolder folder;
  std::string record;
  {
    const auto keyring = DevKeyring::Open(folder.path() + "/dkim");
    REQUIRE(keyring);
    const auto keys = (*keyring)->KeysFor("acme.example");
    REQUIRE(keys.size() == 2);
    CHECK(keys[0]->DnsName() == "dev-rsa._domainkey.acme.example");
    CHECK(keys[1]->DnsName() == "dev-ed25519._domainkey.acme.example");
    CHECK(keys[1]->algorithm() == dkim::Algorithm::kEd25519Sha256);
    CHECK((*keyring)->KeysFor("acme.example")[0] == keys[0]);
    CHECK((*keyring)->KeysFor("other.example")[0]->domain() == "other.example");
    CHECK((*keyring)->Domains() == std::vector<std::string>{"acme.example", "other.example"});
    record = keys[0]->DnsRecord();
  }
  const auto again = DevKeyring::Open(folder.path() + "/dkim");
  REQUIRE(again);
  CHECK((*again)->Domains().empty());
  CHECK((*again)->KeysFor("acme.example")[0]->DnsRecord() == record);
}

TEST_CASE("a damaged key file is refused at start") {
  tests::TempFolder folder;
  REQUIRE(DevKeyring::Open(folder.path()));
  folder.Write("dev-rsa.pem", "nonsense");
  CHECK_FALSE(DevKeyring::Open(folder.path()));
}

TEST_CASE("many threads ask for the same domain") {
  tests::TempFolder folder;
  const auto keyring = DevKeyring::Open(folder.path());
  REQUIRE(keyring);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (*keyring)->KeysFor("acme.example"); });
  threads.clear();
  CHECK((*keyring)->Domains().size() == 1);
}
