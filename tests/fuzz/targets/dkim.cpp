#include "dns/dkim_record.h"
#include "dns/key_material.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

void CheckKey(const std::expected<PublicKey, std::string>& key) {
  if (!key) return ExpectShowable(key.error(), "the fault of a key");
  Expect(key->bits >= 256 && key->bits <= 16384, "a key has a size");
  Expect(key->SameKey(*key), "a key is the same as itself");
  const auto record = ParseDkimRecord(DkimRecordFor(*key));
  Expect(record && !record->revoked && record->unknown_tags.empty(), "the record of a key can be read");
  const auto published = record->Key();
  Expect(published && published->SameKey(*key) && published->bits == key->bits && published->exponent == key->exponent,
         "the record of a key holds that key");
  Expect(!published->bare_pkcs1, "a key is published whole");
}

}  // namespace

void Dkim(std::string_view bytes) {
  CheckKey(ReadPublishedKey(bytes, KeyType::kRsa));
  CheckKey(ReadPublishedKey(bytes, KeyType::kEd25519));
  if (bytes.contains("-----BEGIN ")) CheckKey(ReadKeyPem(bytes));

  const auto record = ParseDkimRecord(bytes);
  if (!record) {
    Expect(record.error().column >= 1 && record.error().column <= bytes.size() + 1, "an error stands in the record");
    return ExpectShowable(record.error().message, "the message of an error");
  }
  Expect(record->revoked == record->published.empty(), "an empty p= revokes");
  Expect(!record->hashes.empty() || record->AllowsSha256(), "no h= allows every hash");
  Expect(!record->services.empty() || record->ForEmail(), "no s= is for every service");
  CheckKey(record->Key());
}

}  // namespace sealpost::tests::fuzz
