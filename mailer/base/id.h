// Identifiers: UUID version 7 (RFC 9562 5.7), lower-case text with hyphens, so that they sort by time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"

namespace sealpost::base {

using IdBytes = std::array<std::uint8_t, 16>;

// A fresh identifier; the random bits come from the system. Thread safe.
std::string NewId(Time now);
// True for the canonical text of a UUID of any version (36 characters, lower or upper case).
bool IsId(std::string_view text);
std::optional<IdBytes> ParseId(std::string_view text);
std::string FormatId(const IdBytes& bytes);

}  // namespace sealpost::base
