#include "dns/dkim_record.h"
#include "tests/dns/texts.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using sealpost::tests::kEd25519;

namespace {

std::string DkimErrorOf(const std::string& text) {
  const auto record = ParseDkimRecord(text);
  return record ? "" : ToString(record.error());
}

}  // namespace

TEST_CASE("a record of p= alone has all defaults") {
  const auto record = ParseDkimRecord("p=AAAA");
  REQUIRE(record);
  CHECK(record->key_type == "rsa");
  CHECK(record->published == "AAAA");
  CHECK_FALSE(record->revoked);
  CHECK_FALSE(record->testing);
  CHECK_FALSE(record->strict_identity);
  CHECK(record->ForEmail());
  CHECK(record->AllowsSha256());
}

TEST_CASE("blanks inside p= and around everything are taken out") {
  const auto record = ParseDkimRecord(" v = DKIM1 ; k = rsa ; p = AA AA\t=\r\n = ; ");
  REQUIRE(record);
  CHECK(record->key_type == "rsa");
  CHECK(record->published == "AAAA==");
}

TEST_CASE("an empty p= is a revoked key") {
  for (const char* text : {"v=DKIM1; p=", "p= ;", "v=DKIM1; k=rsa; p=;"}) {
    const auto record = ParseDkimRecord(text);
    REQUIRE_MESSAGE(record, text);
    CHECK(record->revoked);
    CHECK(record->Key().error() == "p= is empty: the key is revoked");
  }
}

TEST_CASE("hashes, services and flags are lists") {
  const auto record = ParseDkimRecord("v=DKIM1; h=sha1 : sha256; s=email:tlsrpt; t=y:s; p=AAAA; n=a note; g=*");
  REQUIRE(record);
  CHECK(record->hashes == std::vector<std::string>{"sha1", "sha256"});
  CHECK(record->AllowsSha256());
  CHECK(record->ForEmail());
  CHECK(record->testing);
  CHECK(record->strict_identity);
  CHECK(record->unknown_tags == std::vector<std::string>{"g"});
}

TEST_CASE("the case of a value counts") {
  CHECK_FALSE(ParseDkimRecord("k=RSA; p=AAAA")->Key());
  CHECK_FALSE(ParseDkimRecord("h=SHA256; p=AAAA")->AllowsSha256());
  CHECK_FALSE(ParseDkimRecord("s=Email; p=AAAA")->ForEmail());
  CHECK_FALSE(ParseDkimRecord("t=Y; p=AAAA")->testing);
}

TEST_CASE("h=rsa-sha256 does not allow sha256, and s=tlsrpt is not for mail") {
  CHECK_FALSE(ParseDkimRecord("h=rsa-sha256; p=AAAA")->AllowsSha256());
  CHECK_FALSE(ParseDkimRecord("s=tlsrpt; p=AAAA")->ForEmail());
  CHECK(ParseDkimRecord("s=tlsrpt:*; p=AAAA")->ForEmail());
}

TEST_CASE("v= may be missing, but must be first and exactly DKIM1") {
  CHECK(DkimErrorOf("k=rsa; p=AAAA") == "");
  CHECK(DkimErrorOf("v=DKIM1; p=AAAA") == "");
  CHECK(DkimErrorOf("p=AAAA; v=DKIM1") == "column 9: v= is not the first tag");
  CHECK(DkimErrorOf("v=dkim1; p=AAAA") == "column 1: v= is not exactly DKIM1");
  CHECK(DkimErrorOf("v=DKIM1\\; p=AAAA") == "column 1: v= is not exactly DKIM1");
}

TEST_CASE("a record that verifiers refuse is an error with its place") {
  CHECK(DkimErrorOf("") == "column 1: an empty entry");
  CHECK(DkimErrorOf("v=DKIM1; k=rsa") == "column 1: no p=, so no key");
  CHECK(DkimErrorOf("v=DKIM1; p=AAAA; p=BBBB") == "column 10: the tag p= stands more than once");
  CHECK(DkimErrorOf("v=DKIM1; k=; p=AAAA") == "column 10: k= has no value");
  CHECK(DkimErrorOf("h=:; p=AAAA") == "column 1: h= has no value");
  CHECK(DkimErrorOf("\"v=DKIM1; p=AAAA\"").starts_with("column 1: "));
  CHECK(DkimErrorOf("AAAAB3NzaC1yc2E").starts_with("column 1: "));
}

TEST_CASE("the key is read by its k=, and another k= has none") {
  const auto record = ParseDkimRecord("v=DKIM1; k=ed25519; p=" + kEd25519);
  REQUIRE(record);
  const auto key = record->Key();
  REQUIRE(key);
  CHECK(key->type == KeyType::kEd25519);
  CHECK(DkimRecordFor(*key) == "v=DKIM1; k=ed25519; p=" + kEd25519);
  CHECK_FALSE(ParseDkimRecord("p=" + kEd25519)->Key());
  CHECK(ParseDkimRecord("k=dsa; p=AAAA")->Key().error() == "k=dsa is neither rsa nor ed25519");
}
