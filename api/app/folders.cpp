#include "api/app/folders.h"

#include "mailer/base/files.h"

namespace sealpost::app {

base::Result<void> MakeFolders(const Config& config) {
  constexpr std::string_view kSqlite = "sqlite://";
  const std::string& url = config.store.url;
  const std::string database = url.starts_with(kSqlite) ? url.substr(kSqlite.size()) : std::string();
  for (const std::string& file :
       {database, config.store.master_key_file, config.limits.hmac_key_file, config.server.admin_socket}) {
    const std::size_t slash = file.rfind('/');
    if (slash == std::string::npos || slash == 0) continue;
    if (auto made = base::MakeFolder(file.substr(0, slash)); !made) return made;
  }
  return {};
}

}  // namespace sealpost::app
