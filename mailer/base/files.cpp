#include "mailer/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "mailer/base/descriptor.h"

namespace sealpost::base {
namespace {

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A rename is on disk only when its folder is.
Result<void> SyncFolder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return SystemError("sync", path, errno);
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t limit) {
  const auto file = OpenToRead(path);
  if (!file) return std::unexpected(file.error());
  return ReadAll(*file, path, limit);
}

Result<void> WriteFile(const std::string& path, std::string_view text, unsigned mode) {
  std::string draft = path + ".XXXXXX";
  const Descriptor file(::mkostemp(draft.data(), O_CLOEXEC));
  if (!file) return SystemError("write", path, errno);
  if (!WriteAll(file.get(), text) || ::fchmod(file.get(), static_cast<mode_t>(mode)) != 0 || ::fsync(file.get()) != 0 ||
      ::rename(draft.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(draft.c_str());
    return SystemError("write", path, reason);
  }
  return SyncFolder(FolderOf(path));
}

Result<void> MakeFolder(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) return {};
  int reason = errno;
  const std::string parent = FolderOf(path);
  if (reason == ENOENT && !path.empty() && parent != path) {
    if (auto made = MakeFolder(parent, mode); !made) return made;
    if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) return {};
    reason = errno;
  }
  struct stat facts{};
  if (reason == EEXIST && ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) return {};
  return SystemError("make the folder", path, reason);
}

}  // namespace sealpost::base
