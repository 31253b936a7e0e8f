#include "mailer/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace sealpost::base {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kBase32Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

using DecodeTable = std::array<std::int8_t, 256>;

constexpr DecodeTable MakeTable(std::string_view alphabet, std::string_view also = {}) {
  DecodeTable table{};
  table.fill(-1);
  for (const std::string_view letters : {alphabet, also}) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      table[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
    }
  }
  return table;
}

constexpr DecodeTable kFromBase64 = MakeTable(kBase64);
constexpr DecodeTable kFromBase64Url = MakeTable(kBase64Url);
constexpr DecodeTable kFromBase32 = MakeTable(kBase32, kBase32Upper);

template <unsigned kBits>
std::string Encode(std::string_view data, std::string_view alphabet) {
  constexpr unsigned kMask = (1u << kBits) - 1;
  std::string text;
  text.reserve(data.size() * 8 / kBits + 4);
  unsigned buffer = 0;
  unsigned held = 0;
  for (const char c : data) {
    buffer = (buffer << 8 | static_cast<unsigned char>(c)) & 0xffff;
    for (held += 8; held >= kBits; held -= kBits) text.push_back(alphabet[buffer >> (held - kBits) & kMask]);
  }
  if (held > 0) text.push_back(alphabet[buffer << (kBits - held) & kMask]);
  return text;
}

// Takes letters one by one; refuses a length that no data has, and spare bits that are not zero (RFC 4648 3.5),
// so that one value has one text.
template <unsigned kBits>
class Decoder {
 public:
  Decoder(const DecodeTable& table, std::size_t letters) : table_(table) { data_.reserve(letters * kBits / 8 + 1); }

  bool Take(char letter) {
    const int value = table_[static_cast<unsigned char>(letter)];
    if (value < 0) return false;
    buffer_ = (buffer_ << kBits | static_cast<unsigned>(value)) & 0xffff;
    held_ += kBits;
    if (held_ >= 8) {
      held_ -= 8;
      data_.push_back(static_cast<char>(buffer_ >> held_));
    }
    return true;
  }

  std::optional<std::string> Finish() {
    if (held_ >= kBits || (buffer_ & ((1u << held_) - 1)) != 0) return std::nullopt;
    return std::move(data_);
  }

 private:
  const DecodeTable& table_;
  std::string data_;
  unsigned buffer_ = 0;
  unsigned held_ = 0;
};

template <unsigned kBits>
std::optional<std::string> DecodePlain(std::string_view text, const DecodeTable& table) {
  Decoder<kBits> decoder(table, text.size());
  for (const char c : text) {
    if (!decoder.Take(c)) return std::nullopt;
  }
  return decoder.Finish();
}

bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

[[noreturn]] void EndWithoutCrypto(const char* what) {
  std::fprintf(stderr, "sealpost: the cryptographic library has failed: %s\n", what);
  std::abort();
}

}  // namespace

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      ::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    EndWithoutCrypto("no random bytes");
  }
  return bytes;
}

std::string RandomText(std::size_t count) {
  return Base64UrlEncode(RandomBytes(count));
}

Digest Sha256(std::string_view data) {
  Digest digest;
  if (::EVP_Digest(data.data(), data.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) != 1) {
    EndWithoutCrypto("no SHA-256");
  }
  return digest;
}

Digest HmacSha256(std::string_view key, std::string_view data) {
  Digest digest;
  if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) EndWithoutCrypto("key too long");
  // A null key would mean "the key of the call before".
  const char* key_start = key.empty() ? "" : key.data();
  if (::HMAC(::EVP_sha256(), key_start, static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), nullptr) == nullptr) {
    EndWithoutCrypto("no HMAC-SHA-256");
  }
  return digest;
}

bool ConstantTimeEquals(std::string_view left, std::string_view right) {
  return left.size() == right.size() && ::CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string HexEncode(std::string_view data) {
  return Encode<4>(data, kHex);
}

std::string Base64Encode(std::string_view data) {
  std::string text = Encode<6>(data, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  Decoder<6> decoder(kFromBase64, text.size());
  std::size_t letters = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (IsSpace(c)) continue;
    if (c == '=') {
      ++padding;
    } else if (padding > 0 || !decoder.Take(c)) {
      return std::nullopt;
    } else {
      ++letters;
    }
  }
  if (padding > 0 && (padding > 2 || (letters + padding) % 4 != 0)) return std::nullopt;
  return decoder.Finish();
}

std::string Base64UrlEncode(std::string_view data) {
  return Encode<6>(data, kBase64Url);
}
std::optional<std::string> Base64UrlDecode(std::string_view text) {
  return DecodePlain<6>(text, kFromBase64Url);
}
std::string Base32Encode(std::string_view data) {
  return Encode<5>(data, kBase32);
}
std::optional<std::string> Base32Decode(std::string_view text) {
  return DecodePlain<5>(text, kFromBase32);
}

}  // namespace sealpost::base
