// A file descriptor with an owner, and the system's words for what went wrong with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "mailer/base/error.h"

namespace sealpost::base {

// Closes what it holds; -1 holds nothing. Not for sharing between threads.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor();

  int get() const { return value_; }
  explicit operator bool() const { return value_ >= 0; }

 private:
  int value_;
};

// The error of a failed system call: "cannot <deed> <path>: <reason>"; kNotFound if there is no such file.
std::unexpected<Error> SystemError(std::string_view deed, const std::string& path, int error_number);

// Opens for reading, never a folder.
Result<Descriptor> OpenToRead(const std::string& path);
// Everything up to the end; kInvalid if that is more than `limit` bytes. `path` is for the error.
Result<std::string> ReadAll(const Descriptor& file, const std::string& path, std::size_t limit);

}  // namespace sealpost::base
