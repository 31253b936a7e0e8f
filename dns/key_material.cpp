#include "dns/key_material.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sealpost::dns {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kMaxInput = 65536;  // what a DNS answer can hold
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kMinRsaBits = 256;
constexpr std::size_t kMaxRsaBits = 16384;
// The head of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410 4).
constexpr std::string_view kEd25519Spki("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(unsigned char* der) const noexcept { OPENSSL_free(der); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::unexpected<std::string> Unreadable(std::string message) {
  ERR_clear_error();  // or the next user of OpenSSL on this thread would read our failure as its own
  return std::unexpected(std::move(message));
}

std::string ByteCount(std::size_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

struct DecodedBase64 {
  Bytes bytes;
  bool whole = true;  // false: the last group lacks characters or padding
};

// Decodes what is there even if the end is missing, so that the DER's own length can tell how much.
std::expected<DecodedBase64, std::string> DecodeBase64(std::string_view text) {
  DecodedBase64 decoded;
  std::uint32_t group = 0;
  std::size_t characters = 0, padding = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const int value = Base64Value(c);
    const bool may_pad = c == '=' && padding < 2 && (characters + padding) % 4 >= 2;
    if (may_pad) {
      ++padding;
      continue;
    }
    if (value < 0 || padding > 0)
      return Unreadable("not base64 at character " + std::to_string(at + 1) + " of " + std::to_string(text.size()));
    group = (group << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    switch (++characters % 4) {
      case 2:
        decoded.bytes.push_back(static_cast<std::uint8_t>(group >> 4));
        break;
      case 3:
        decoded.bytes.push_back(static_cast<std::uint8_t>(group >> 2));
        break;
      case 0:
        decoded.bytes.push_back(static_cast<std::uint8_t>(group));
        break;
    }
  }
  decoded.whole = (characters + padding) % 4 == 0;
  return decoded;
}

// The length of the outer SEQUENCE with its head, as the DER itself states it (X.690 8.1.3).
std::optional<std::size_t> StatedLength(const Bytes& der) {
  if (der.size() < 2 || der[0] != 0x30) return std::nullopt;
  if (der[1] < 0x80) return 2 + der[1];
  const std::size_t octets = der[1] & 0x7fU;
  if (octets == 0 || octets > 3 || der.size() < 2 + octets) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < octets; ++i) length = length << 8 | der[2 + i];
  return 2 + octets + length;
}

std::string Base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and OpenSSL's NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

unsigned long Exponent(const EVP_PKEY* key) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw) != 1) return 0;
  const Owned<BIGNUM> exponent(raw);
  return BN_num_bits(exponent.get()) > 64 ? 0 : BN_get_word(exponent.get());
}

std::expected<PublicKey, std::string> RsaKey(EVP_PKEY* key) {
  PublicKey read;
  read.bits = static_cast<std::size_t>(std::max(0, EVP_PKEY_get_bits(key)));
  if (read.bits < kMinRsaBits || read.bits > kMaxRsaBits)
    return Unreadable("an RSA modulus of " + std::to_string(read.bits) + " bits is not a key");
  read.exponent = Exponent(key);
  unsigned char* raw = nullptr;
  const int length = i2d_PUBKEY(key, &raw);
  const Owned<unsigned char> der(raw);
  if (length <= 0) return Unreadable("not an RSA key");
  read.canonical.assign(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  ERR_clear_error();
  return read;
}

std::expected<PublicKey, std::string> Ed25519Key(EVP_PKEY* key) {
  PublicKey read{KeyType::kEd25519, std::string(kEd25519Bytes, '\0'), 256};
  std::size_t length = kEd25519Bytes;
  const int done = EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(read.canonical.data()), &length);
  if (done != 1 || length != kEd25519Bytes) return Unreadable("not an Ed25519 key");
  ERR_clear_error();
  return read;
}

std::expected<PublicKey, std::string> ReadRsa(const DecodedBase64& decoded) {
  const Bytes& der = decoded.bytes;
  const std::optional<std::size_t> stated = StatedLength(der);
  if (!stated) return Unreadable("not an RSA key: " + ByteCount(der.size()) + " that do not begin like one (DER)");
  if (*stated > der.size())
    return Unreadable("cut off: the key says it has " + ByteCount(*stated) + ", " + std::to_string(der.size()) +
                      " are there");
  if (*stated < der.size()) return Unreadable(ByteCount(der.size() - *stated) + " left over behind the key");
  if (!decoded.whole)
    return Unreadable("the base64 ends within a group of four characters: padding (\"=\") is missing");

  const unsigned char* at = der.data();
  Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  const bool bare = !key;
  if (bare) {
    at = der.data();
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  }
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return Unreadable("not an RSA key");
  if (at != der.data() + der.size()) return Unreadable("bytes left over behind the key");
  auto read = RsaKey(key.get());
  if (read) read->bare_pkcs1 = bare;
  return read;
}

std::expected<PublicKey, std::string> ReadEd25519(const DecodedBase64& decoded) {
  const std::string bytes(decoded.bytes.begin(), decoded.bytes.end());
  if (bytes.size() == kEd25519Spki.size() + kEd25519Bytes && bytes.starts_with(kEd25519Spki))
    return Unreadable(
        "44 bytes, a SubjectPublicKeyInfo: of an Ed25519 key only the last 32 are published (RFC 8463 4)");
  if (bytes.size() != kEd25519Bytes)
    return Unreadable("an Ed25519 key has 32 bytes, " + std::to_string(bytes.size()) +
                      (bytes.size() == 1 ? " is" : " are") + " there");
  if (!decoded.whole)
    return Unreadable("the base64 ends within a group of four characters: padding (\"=\") is missing");
  return PublicKey{KeyType::kEd25519, bytes, 256};
}

// OpenSSL's own would ask on the terminal.
int NoPassphrase(char*, int, int, void*) {
  return -1;
}

Owned<EVP_PKEY> ReadPem(std::string_view pem, bool with_private) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return nullptr;
  return Owned<EVP_PKEY>(with_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr)
                                      : PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassphrase, nullptr));
}

}  // namespace

bool PublicKey::SameKey(const PublicKey& other) const {
  return type == other.type && !canonical.empty() && canonical == other.canonical;
}

std::expected<PublicKey, std::string> ReadPublishedKey(std::string_view base64, KeyType type) {
  if (base64.size() > kMaxInput) return Unreadable("longer than a DNS record can be");
  const auto decoded = DecodeBase64(base64);
  if (!decoded) return std::unexpected(decoded.error());
  if (decoded->bytes.empty()) return Unreadable("no key is there");
  return type == KeyType::kRsa ? ReadRsa(*decoded) : ReadEd25519(*decoded);
}

std::expected<PublicKey, std::string> ReadKeyPem(std::string_view pem) {
  if (pem.size() > kMaxInput) return Unreadable("longer than a key file can be");
  if (pem.find("-----BEGIN ") == std::string_view::npos) return Unreadable("not a PEM file: no \"-----BEGIN\" line");
  Owned<EVP_PKEY> key = ReadPem(pem, true);
  if (!key) key = ReadPem(pem, false);
  if (!key && pem.find("ENCRYPTED") != std::string_view::npos)
    return Unreadable("the key is encrypted: give its public half (openssl pkey -pubout)");
  if (!key) return Unreadable("no readable private or public key in the PEM file");
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return RsaKey(key.get());
    case EVP_PKEY_ED25519:
      return Ed25519Key(key.get());
    default:
      return Unreadable("DKIM knows RSA and Ed25519 keys, this is another kind");
  }
}

std::string PublishedForm(const PublicKey& key) {
  return Base64(key.canonical);
}

}  // namespace sealpost::dns
