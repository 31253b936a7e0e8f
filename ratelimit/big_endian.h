// Numbers as the scripts and the packed logs hold them: bytes, the highest first. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sealpost::ratelimit {

inline void AppendBigEndian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// At most eight bytes.
constexpr std::uint64_t ReadBigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace sealpost::ratelimit
