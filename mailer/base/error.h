// The one error type of the program: a kind that code may ask for, and a sentence for the caller.
// Messages name the field, the limit and the remedy; they never carry a secret or an inner detail.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace sealpost::base {

enum class ErrorKind {
  kInvalid,      // the input is wrong; repeating it changes nothing
  kNotFound,     // what was named does not exist
  kConflict,     // it exists already, or is being changed at this moment
  kUnavailable,  // the world failed (disk, network, peer); repeating may help
  kInternal,     // our own fault
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string field = {};  // the member of the input that is wrong, such as "to[2]"; empty if none
};

template <class T>
using Result = std::expected<T, Error>;

// Fail(ErrorKind::kInvalid, "...", "to") returns from any function that returns a Result.
inline std::unexpected<Error> Fail(ErrorKind kind, std::string message, std::string field = {}) {
  return std::unexpected<Error>(Error{kind, std::move(message), std::move(field)});
}

}  // namespace sealpost::base
