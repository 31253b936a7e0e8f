// Hashes, keyed hashes, random bytes and text encodings over OpenSSL. Pure functions, thread safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealpost::base {

using Digest = std::array<std::uint8_t, 32>;

// From the system's generator; ends the program if it has none.
std::string RandomBytes(std::size_t count);
// `count` random bytes as base64url without padding: fit for tokens and boundaries.
std::string RandomText(std::size_t count);

Digest Sha256(std::string_view data);
Digest HmacSha256(std::string_view key, std::string_view data);
// Takes the same time whatever differs; the lengths are not secret.
bool ConstantTimeEquals(std::string_view left, std::string_view right);

inline std::string_view AsText(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string HexEncode(std::string_view data);  // lower case
std::string Base64Encode(std::string_view data);
// Strict RFC 4648 4, padding optional, ASCII white space ignored; nothing on any other character.
std::optional<std::string> Base64Decode(std::string_view text);
std::string Base64UrlEncode(std::string_view data);  // RFC 4648 5, no padding
std::optional<std::string> Base64UrlDecode(std::string_view text);
std::string Base32Encode(std::string_view data);                 // RFC 4648 6, lower case, no padding
std::optional<std::string> Base32Decode(std::string_view text);  // either case

}  // namespace sealpost::base
