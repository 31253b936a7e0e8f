#include "mailer/dkim/key.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

#include "mailer/base/crypto.h"
#include "tests/mailer/dkim/samples.h"

namespace sealpost::dkim {
namespace {

std::string Pem(EVP_PKEY* key, const char* password = nullptr) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, password ? EVP_aes_128_cbc() : nullptr,
                           reinterpret_cast<const unsigned char*>(password),
                           password ? static_cast<int>(std::string_view(password).size()) : 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return text;
}

std::string Rsa(std::size_t bits, const char* password = nullptr) {
  return Pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), password);
}

std::string Problem(std::string_view pem, const std::string& domain = "example.com",
                    const std::string& selector = "s") {
  const auto key = Key::Parse(domain, selector, pem);
  return key ? "" : key.error().message;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST_CASE("a generated key parses, tells its names and signs") {
  for (const auto& key : samples::BothKeys()) {
    CHECK(key->domain() == "example.com");
    CHECK(key->DnsName() == key->selector() + "._domainkey.example.com");
    CHECK(key->Sign("text"));
  }
  CHECK(samples::BothKeys()[0]->algorithm() == Algorithm::kRsaSha256);
  CHECK(samples::BothKeys()[1]->algorithm() == Algorithm::kEd25519Sha256);
  CHECK(std::string(AlgorithmName(Algorithm::kRsaSha256)) == "rsa-sha256");
  CHECK(std::string(AlgorithmName(Algorithm::kEd25519Sha256)) == "ed25519-sha256");
}

TEST_CASE("the record holds the public key: RSA as SubjectPublicKeyInfo, Ed25519 bare (RFC 8463 4)") {
  const std::string rsa = samples::BothKeys()[0]->DnsRecord();
  CHECK(rsa.starts_with("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
  const std::string ed = samples::BothKeys()[1]->DnsRecord();
  const std::string start = "v=DKIM1; k=ed25519; p=";
  REQUIRE(ed.starts_with(start));
  CHECK(base::Base64Decode(ed.substr(start.size())).value().size() == 32);
}

TEST_CASE("two generated keys differ") {
  CHECK(Key::Generate(Algorithm::kEd25519Sha256)->Reveal() != Key::Generate(Algorithm::kEd25519Sha256)->Reveal());
}

TEST_CASE("RSA keys are taken from 2048 to 4096 bits") {
  CHECK(Contains(Problem(Rsa(1024)), "1024 bits"));
  CHECK(Contains(Problem(Rsa(2047)), "2047 bits"));
  CHECK(Problem(Rsa(4096)) == "");
  CHECK(Contains(Problem(Rsa(4104)), "4104 bits"));
}

TEST_CASE("a key of another type is refused") {
  CHECK(Contains(Problem(Pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"))), "type"));
  CHECK(Contains(Problem(Pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"))), "type"));
  CHECK(Contains(Problem(Pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"))), "type"));
}

TEST_CASE("a key with a password is refused without asking at the terminal") {
  CHECK(Contains(Problem(Rsa(2048, "secret")), "encrypted"));
}

TEST_CASE("what is no private key is refused") {
  CHECK(Contains(Problem(""), "no PEM private key"));
  CHECK(Contains(Problem("hello"), "no PEM private key"));
  CHECK(Contains(Problem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "no PEM private key"));
  const auto pem = Key::Generate(Algorithm::kEd25519Sha256);
  CHECK(Contains(Problem(pem->Reveal().substr(0, pem->Reveal().size() / 2)), "no PEM private key"));
}

TEST_CASE("a PEM text without its last line end is read") {
  const auto pem = Key::Generate(Algorithm::kEd25519Sha256);
  CHECK(Problem(pem->Reveal().substr(0, pem->Reveal().size() - 1)) == "");
}

TEST_CASE("domain and selector must be names that DNS and a signature can hold") {
  const auto pem = Key::Generate(Algorithm::kEd25519Sha256);
  const auto problem = [&](const std::string& domain, const std::string& selector) {
    const auto key = Key::Parse(domain, selector, pem->Reveal());
    return key ? std::string("none") : key.error().field;
  };
  CHECK(problem("example.com", "s") == "none");
  CHECK(problem("Example.COM", "2026-11.mail") == "none");
  CHECK(problem("xn--exmple-cua.com", "s") == "none");
  for (const char* domain : {"", ".", "a..b", ".a", "a.", "-a.com", "a-.com", "a b.com", "a;b.com",
                             "ex\xc3\xa4mple.com", "a\r\nb.com", "a_b.com"}) {
    CAPTURE(domain);
    CHECK(problem(domain, "s") == "domain");
  }
  CHECK(problem("example.com", "") == "selector");
  CHECK(problem("example.com", "a;b") == "selector");
  CHECK(problem("example.com", std::string(64, 'a')) == "selector");
  const std::string label(63, 'a');
  CHECK(problem(label + "." + label + "." + label, label) == "selector");
}

// RFC 8463 A.2 gives the key, 32 bytes; the rest is the frame of RFC 8410 7.
TEST_CASE("the Ed25519 key of RFC 8463 A.2 has the record of A.2") {
  const std::string seed = base::Base64Decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").value();
  const std::string frame("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\n" + base::Base64Encode(frame + seed) + "\n-----END PRIVATE KEY-----\n";
  const auto key = Key::Parse("football.example.com", "brisbane", pem);
  REQUIRE(key);
  CHECK((*key)->DnsName() == "brisbane._domainkey.football.example.com");
  CHECK((*key)->DnsRecord() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

}  // namespace
}  // namespace sealpost::dkim
