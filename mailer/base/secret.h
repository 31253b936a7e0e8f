// A secret that cannot be copied or printed by accident and is wiped when it goes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // Reads a file whole, without its last line end. Refuses a file that others may read (mode & 077; a systemd
  // credential that shows its access list as group read is private), naming the path and the chmod that mends it.
  // An empty file, one of more than 64 KiB and one of fewer than `least` bytes are refused too.
  static Result<Secret> FromFile(const std::string& path, std::size_t least = 1);
  // The least that may sign or hide something: 128 bits if every byte is random.
  static constexpr std::size_t kKeyBytes = 16;
  // Reads a key of at least kKeyBytes; if there is no file, makes one with `bytes` random bytes as base64url (mode
  // 0600, synced). A file that is too short is left as it is: what it signed would no longer be known.
  static Result<Secret> FromFileOrNew(const std::string& path, std::size_t bytes = 32);

  // The plain value; valid as long as this object. Never log it, never put it into an error.
  std::string_view Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace sealpost::base
