#include "dns/key_material.h"
#include "tests/dns/texts.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <string>

using namespace sealpost::dns;
using sealpost::tests::kEd25519;

namespace {

// RFC 8463 A.2: the 1024 bit key of selector test.
const std::string kRsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b"
    "yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3Q"
    "IDAQAB";

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;

Key RsaKey(std::size_t bits) {
  return Key(EVP_RSA_gen(bits));
}
const Key& Rsa2048() {
  static const Key key = RsaKey(2048);
  return key;
}

std::string Written(const std::function<void(BIO*)>& write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}
std::string PrivatePem(const Key& key) {
  return Written(
      [&](BIO* bio) { PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
std::string TraditionalPem(const Key& key) {
  return Written(
      [&](BIO* bio) { PEM_write_bio_PrivateKey_traditional(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
std::string PublicPem(const Key& key) {
  return Written([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, key.get()); });
}
std::string EncryptedPem(const Key& key) {
  char secret[] = "correct horse";
  return Written([&](BIO* bio) {
    PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), secret, 13, nullptr, nullptr);
  });
}

std::string Base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}
std::string Der(const Key& key, int (*encode)(const EVP_PKEY*, unsigned char**)) {
  unsigned char* raw = nullptr;
  const int length = encode(key.get(), &raw);
  std::string der(reinterpret_cast<char*>(raw), static_cast<std::size_t>(length));
  OPENSSL_free(raw);
  return der;
}

std::string RsaError(const std::string& base64) {
  const auto key = ReadPublishedKey(base64, KeyType::kRsa);
  return key ? "" : key.error();
}
std::string Ed25519Error(const std::string& base64) {
  const auto key = ReadPublishedKey(base64, KeyType::kEd25519);
  return key ? "" : key.error();
}

}  // namespace

TEST_CASE("a published RSA key is decoded and measured") {
  const auto key = ReadPublishedKey(kRsa1024, KeyType::kRsa);
  REQUIRE(key);
  CHECK(key->type == KeyType::kRsa);
  CHECK(key->bits == 1024);
  CHECK(key->exponent == 65537);
  CHECK_FALSE(key->bare_pkcs1);
  CHECK(PublishedForm(*key) == kRsa1024);
}

TEST_CASE("a published Ed25519 key is its 32 bytes") {
  const auto key = ReadPublishedKey(kEd25519, KeyType::kEd25519);
  REQUIRE(key);
  CHECK(key->bits == 256);
  CHECK(key->canonical.size() == 32);
  CHECK(PublishedForm(*key) == kEd25519);
}

TEST_CASE("blanks inside a published key do not matter") {
  std::string split = kRsa1024;
  for (const std::size_t at : {200, 100, 1}) split.insert(at, " \t\r\n");
  REQUIRE(ReadPublishedKey(split, KeyType::kRsa));
  CHECK(ReadPublishedKey(split, KeyType::kRsa)->SameKey(*ReadPublishedKey(kRsa1024, KeyType::kRsa)));
}

TEST_CASE("the bare PKCS #1 form is the same key, and told") {
  const auto bare = ReadPublishedKey(Base64(Der(Rsa2048(), i2d_PublicKey)), KeyType::kRsa);
  const auto wrapped = ReadPublishedKey(Base64(Der(Rsa2048(), i2d_PUBKEY)), KeyType::kRsa);
  REQUIRE(bare);
  REQUIRE(wrapped);
  CHECK(bare->bare_pkcs1);
  CHECK_FALSE(wrapped->bare_pkcs1);
  CHECK(bare->SameKey(*wrapped));
  CHECK(PublishedForm(*bare) == PublishedForm(*wrapped));
}

TEST_CASE("different keys, and keys of different kinds, are not the same") {
  const auto a = ReadPublishedKey(kRsa1024, KeyType::kRsa);
  const auto b = ReadPublishedKey(Base64(Der(Rsa2048(), i2d_PUBKEY)), KeyType::kRsa);
  const auto c = ReadPublishedKey(kEd25519, KeyType::kEd25519);
  CHECK_FALSE(a->SameKey(*b));
  CHECK_FALSE(a->SameKey(*c));
  CHECK_FALSE(PublicKey{}.SameKey(PublicKey{}));
}

TEST_CASE("a key cut off at 255 characters says how much is missing") {
  const std::string whole = Base64(Der(Rsa2048(), i2d_PUBKEY));
  CHECK(RsaError(whole.substr(0, 255 - 18)) == "cut off: the key says it has 294 bytes, 177 are there");
  CHECK(RsaError(whole.substr(0, 252)) == "cut off: the key says it has 294 bytes, 189 are there");
  CHECK(RsaError(whole.substr(0, whole.size() - 1)) == "cut off: the key says it has 294 bytes, 293 are there");
}

TEST_CASE("what is left over behind a key is told") {
  const std::string der = Der(Rsa2048(), i2d_PUBKEY);
  CHECK(RsaError(Base64(der + "x")) == "1 byte left over behind the key");
  CHECK(RsaError(Base64(der + der)) == "294 bytes left over behind the key");
}

TEST_CASE("what is not base64 shows the place") {
  CHECK(RsaError("MIIB\"") == "not base64 at character 5 of 5");
  CHECK(RsaError("MIIB-_") == "not base64 at character 5 of 6");
  CHECK(RsaError("=MIIB") == "not base64 at character 1 of 5");
  CHECK(RsaError("MA==MA==") == "not base64 at character 5 of 8");
  CHECK(RsaError("MA===") == "not base64 at character 5 of 5");
  CHECK(RsaError(std::string("MI\0B", 4)) == "not base64 at character 3 of 4");
  CHECK(RsaError("") == "no key is there");
  CHECK(RsaError(" \t") == "no key is there");
}

TEST_CASE("padding that is missing is told, since some verifiers need it") {
  CHECK(Ed25519Error(kEd25519.substr(0, 43)) ==
        "the base64 ends within a group of four characters: padding (\"=\") is missing");
}

TEST_CASE("a key of another kind is not an RSA key") {
  CHECK(RsaError(kEd25519).starts_with("not an RSA key: 32 bytes"));
  CHECK(RsaError(Base64(Der(Key(EVP_EC_gen("P-256")), i2d_PUBKEY))) == "not an RSA key");
  CHECK(RsaError(Base64(Der(Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), i2d_PUBKEY))) == "not an RSA key");
  CHECK(RsaError(Base64(Der(Rsa2048(), i2d_PrivateKey))) == "not an RSA key");
  CHECK(RsaError("MAA=") == "not an RSA key");
  CHECK(RsaError("MIA=").starts_with("not an RSA key"));
}

TEST_CASE("an RSA modulus out of all proportion is not a key") {
  CHECK(RsaError(Base64(std::string("\x30\x06\x02\x01\x23\x02\x01\x03", 8))) ==
        "an RSA modulus of 6 bits is not a key");
}

TEST_CASE("an Ed25519 key that was published as SubjectPublicKeyInfo is told as such") {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CHECK(Ed25519Error(Base64(Der(key, i2d_PUBKEY))) ==
        "44 bytes, a SubjectPublicKeyInfo: of an Ed25519 key only the last 32 are published (RFC 8463 4)");
  CHECK(Ed25519Error(kRsa1024) == "an Ed25519 key has 32 bytes, 162 are there");
  CHECK(Ed25519Error("AA==") == "an Ed25519 key has 32 bytes, 1 is there");
}

TEST_CASE("a huge key text is refused unread") {
  CHECK(RsaError(std::string(65537, 'A')) == "longer than a DNS record can be");
  CHECK(RsaError(std::string(65536, 'A')).starts_with("not an RSA key"));
  CHECK_FALSE(ReadKeyPem(std::string(65537, 'A')));
}

TEST_CASE("a PEM file gives the public half of a private or public key, RSA or Ed25519") {
  const Key ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const auto published = ReadPublishedKey(Base64(Der(Rsa2048(), i2d_PUBKEY)), KeyType::kRsa);
  for (const std::string& pem : {PrivatePem(Rsa2048()), TraditionalPem(Rsa2048()), PublicPem(Rsa2048()),
                                 "a comment\n" + PrivatePem(Rsa2048())}) {
    const auto key = ReadKeyPem(pem);
    REQUIRE(key);
    CHECK(key->SameKey(*published));
    CHECK(key->bits == 2048);
    CHECK(key->exponent == 65537);
  }
  const auto from_private = ReadKeyPem(PrivatePem(ed));
  const auto from_public = ReadKeyPem(PublicPem(ed));
  REQUIRE(from_private);
  REQUIRE(from_public);
  CHECK(from_private->SameKey(*from_public));
  CHECK(ReadPublishedKey(PublishedForm(*from_private), KeyType::kEd25519)->SameKey(*from_public));
}

TEST_CASE("an encrypted key is refused without asking for its passphrase") {
  CHECK(ReadKeyPem(EncryptedPem(Rsa2048())).error() ==
        "the key is encrypted: give its public half (openssl pkey -pubout)");
}

TEST_CASE("a PEM file without a key that DKIM knows says so") {
  CHECK(ReadKeyPem("").error() == "not a PEM file: no \"-----BEGIN\" line");
  CHECK(ReadKeyPem("hello").error() == "not a PEM file: no \"-----BEGIN\" line");
  CHECK(ReadKeyPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").error() ==
        "no readable private or public key in the PEM file");
  CHECK(ReadKeyPem(PrivatePem(Rsa2048()).substr(0, 400)).error() ==
        "no readable private or public key in the PEM file");
  CHECK(ReadKeyPem(PublicPem(Key(EVP_EC_gen("P-256")))).error() ==
        "DKIM knows RSA and Ed25519 keys, this is another kind");
}
