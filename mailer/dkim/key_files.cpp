#include "mailer/dkim/key_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "mailer/base/crypto.h"
#include "mailer/base/descriptor.h"
#include "mailer/base/files.h"

namespace sealpost::dkim {
namespace {

// The new name itself must survive a power cut: its public half is about to be published.
base::Result<void> SyncFolderOf(const std::string& path) {
  const std::string folder = (std::filesystem::path(path).parent_path() / ".").string();
  const base::Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle || ::fsync(handle.get()) != 0) return base::SystemError("sync", folder, errno);
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const Key>> MakeKeyFile(const std::string& path, const std::string& domain,
                                                     const std::string& selector, Algorithm algorithm) {
  const auto pem = Key::Generate(algorithm);
  if (!pem) return std::unexpected(pem.error());
  auto key = Key::Parse(domain, selector, pem->Reveal());
  if (!key) return key;

  // A link from a finished draft: it fails if the name is taken, and nobody ever sees half a key under it.
  const std::string draft = path + "." + base::RandomText(9) + ".new";
  if (auto written = base::WriteFile(draft, pem->Reveal()); !written) return std::unexpected(written.error());
  const int reason = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(draft.c_str());
  if (reason == EEXIST) {
    return base::Fail(base::ErrorKind::kConflict, path + " is there already: move it away or choose another name");
  }
  if (reason != 0) return base::SystemError("make", path, reason);
  if (auto synced = SyncFolderOf(path); !synced) return std::unexpected(synced.error());
  return key;
}

base::Result<std::shared_ptr<const Key>> LoadKeyFile(const std::string& path, const std::string& domain,
                                                     const std::string& selector) {
  const auto pem = base::Secret::FromFile(path);
  if (!pem) return std::unexpected(pem.error());
  auto key = Key::Parse(domain, selector, pem->Reveal());
  if (!key) key.error().message = path + ": " + key.error().message;
  return key;
}

}  // namespace sealpost::dkim
