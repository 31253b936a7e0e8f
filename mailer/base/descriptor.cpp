#include "mailer/base/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sealpost::base {

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

std::unexpected<Error> SystemError(std::string_view deed, const std::string& path, int error_number) {
  const bool missing = error_number == ENOENT || error_number == ENOTDIR;
  return Fail(missing ? ErrorKind::kNotFound : ErrorKind::kUnavailable,
              "cannot " + std::string(deed) + " " + path + ": " + std::generic_category().message(error_number));
}

Result<Descriptor> OpenToRead(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return SystemError("read", path, errno);
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return SystemError("read", path, errno);
  if (S_ISDIR(facts.st_mode)) return SystemError("read", path, EISDIR);
  return file;
}

Result<std::string> ReadAll(const Descriptor& file, const std::string& path, std::size_t limit) {
  // Room for the whole file at once: a string that grows leaves copies behind, and the file may be a secret.
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return SystemError("read", path, errno);
  const std::size_t announced = facts.st_size > 0 ? static_cast<std::size_t>(facts.st_size) : 0;
  std::string text;
  text.resize(std::min(announced, limit) + 1);

  std::size_t used = 0;
  while (true) {
    const ssize_t count = ::read(file.get(), text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", path, errno);
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    if (used > limit) {
      return Fail(ErrorKind::kInvalid, path + " is larger than the limit of " + std::to_string(limit) + " bytes");
    }
    if (used == text.size()) text.resize(text.size() * 2);
  }
  text.resize(used);
  return text;
}

}  // namespace sealpost::base
