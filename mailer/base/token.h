// Signed tokens that carry one identifier: unsubscribe links, VERP return paths, links to the recipient's own brake.
//
// A token is version (1 byte), the id (16 bytes) and a truncated HMAC-SHA-256 over purpose, version and id.
// Purposes are bound into the key (HKDF-like derivation: HMAC(master, purpose)), so that a token of one
// purpose is worthless for another. Both forms have a fixed width, because messages keep slots for them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/id.h"
#include "mailer/base/secret.h"

namespace sealpost::base {

enum class TokenPurpose { kUnsubscribe, kReturnPath, kBrake };
inline constexpr std::size_t kTokenPurposes = 3;

// Immutable after construction, so thread safe.
class TokenSigner {
 public:
  explicit TokenSigner(const Secret& master);

  // base64url with a 16-byte MAC, always kUrlWidth characters.
  static constexpr std::size_t kUrlWidth = 44;  // 33 bytes
  std::string ForUrl(TokenPurpose purpose, const IdBytes& id) const;
  // lower-case base32 with an 8-byte MAC, always kLocalPartWidth characters; survives case folding (VERP).
  static constexpr std::size_t kLocalPartWidth = 40;  // 25 bytes
  std::string ForLocalPart(TokenPurpose purpose, const IdBytes& id) const;

  // The id, or nothing if the token was not made by us for this purpose. Constant time in the MAC.
  std::optional<IdBytes> OpenUrl(TokenPurpose purpose, std::string_view token) const;
  std::optional<IdBytes> OpenLocalPart(TokenPurpose purpose, std::string_view token) const;

 private:
  std::array<std::string, kTokenPurposes> keys_;  // by purpose
};

}  // namespace sealpost::base
