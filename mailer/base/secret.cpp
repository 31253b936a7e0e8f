#include "mailer/base/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "mailer/base/crypto.h"
#include "mailer/base/descriptor.h"
#include "mailer/base/files.h"

namespace sealpost::base {
namespace {

constexpr std::size_t kLimit = 64u << 10;

// Up to the capacity: a short string that was swapped away leaves its bytes in place.
void Wipe(std::string& text) {
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

bool IsPrivate(const struct stat& facts) {
  const mode_t open_to_others = facts.st_mode & 077;
  // systemd hands a credential to a service with a user of its own by an access list on a file of root's: the
  // mask of that list shows as the group's read bit.
  const bool credential = open_to_others == 040 && facts.st_uid == 0 && facts.st_gid == 0 && ::geteuid() != 0;
  return open_to_others == 0 || credential;
}

}  // namespace

Secret::Secret(std::string value) {
  value_.swap(value);
  Wipe(value);
}

Secret::Secret(Secret&& other) noexcept {
  value_.swap(other.value_);
  Wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe(value_);
    value_.swap(other.value_);
    Wipe(other.value_);
  }
  return *this;
}

Secret::~Secret() {
  Wipe(value_);
}

Result<Secret> Secret::FromFile(const std::string& path, std::size_t least) {
  const auto file = OpenToRead(path);
  if (!file) return std::unexpected(file.error());
  struct stat facts{};
  if (::fstat(file->get(), &facts) != 0) return SystemError("read", path, errno);
  if (!IsPrivate(facts)) {
    return Fail(ErrorKind::kInvalid, path + " may be read by others: run chmod 600 " + path);
  }
  auto text = ReadAll(*file, path, kLimit);
  if (!text) return std::unexpected(text.error());
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return Fail(ErrorKind::kInvalid, path + " is empty: write the secret into it");
  if (text->size() < least) {
    const Secret wiped(std::move(*text));
    return Fail(ErrorKind::kInvalid, path + " is too short: it takes at least " + std::to_string(least) +
                                         " bytes; put its copy back, or write a new one with openssl rand -base64 32");
  }
  return Secret(std::move(*text));
}

Result<Secret> Secret::FromFileOrNew(const std::string& path, std::size_t bytes) {
  auto present = FromFile(path, kKeyBytes);
  if (present || present.error().kind != ErrorKind::kNotFound) return present;

  // A link to a finished file, because of two processes that start at once one must read what the other made.
  const std::string draft = path + "." + RandomText(9) + ".new";
  const Secret fresh(RandomText(bytes));
  if (auto written = WriteFile(draft, fresh.Reveal()); !written) return std::unexpected(written.error());
  const int reason = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(draft.c_str());
  if (reason != 0 && reason != EEXIST) return SystemError("make", path, reason);
  return FromFile(path, kKeyBytes);
}

}  // namespace sealpost::base
