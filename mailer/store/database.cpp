#include "mailer/store/database.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <string_view>
#include <utility>
#include <vector>

#include "mailer/base/file_lock.h"
#include "mailer/store/migrate.h"
#include "mailer/store/read_pool.h"
#include "mailer/store/session.h"
#include "mailer/store/sqlite.h"
#include "mailer/store/writer.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::Result;

namespace {

Result<std::string> PathOf(std::string_view url) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return Fail(ErrorKind::kInvalid, "postgresql:// is not served yet: use sqlite:///path", "store.url");
  }
  constexpr std::string_view kScheme = "sqlite://";
  std::string_view path = url;
  if (url.starts_with(kScheme)) path.remove_prefix(kScheme.size());
  if (path.size() == url.size() || !path.starts_with('/') || path.ends_with('/') || path.contains('\0')) {
    return Fail(ErrorKind::kInvalid, "the store is given as sqlite:///absolute/path/of/file", "store.url");
  }
  return std::string(path);
}

Result<base::FileLock> TakeLock(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Fail(ErrorKind::kUnavailable,
                "cannot use the store " + path + ": there is no folder " + folder.string() + "; create it",
                "store.url");
  }
  auto lock = base::FileLock::Take(path + ".lock");
  if (lock) return lock;
  if (lock.error().kind == ErrorKind::kConflict) {
    return Fail(ErrorKind::kConflict, "another process has the store " + path + " open: stop that one first",
                "store.url");
  }
  return Fail(lock.error().kind, "cannot use the store " + path + ": " + lock.error().message, "store.url");
}

}  // namespace

// In this order the readers close first: the writer, closing last, empties the write-ahead log.
struct Database::Impl {
  Impl(base::FileLock taken, std::unique_ptr<Session> writing, std::vector<std::unique_ptr<Session>> reading,
       const Options& options, base::Log& log)
      : lock(std::move(taken)),
        writer(std::move(writing), options.commit_wait, options.commit_size, log),
        readers(std::move(reading), log) {}

  base::FileLock lock;
  Writer writer;
  ReadPool readers;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(const Options& options, base::Log& log) {
  auto path = PathOf(options.url);
  if (!path) return std::unexpected(std::move(path.error()));
  auto lock = TakeLock(*path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (auto prepared = PrepareFile(*path); !prepared) return std::unexpected(std::move(prepared.error()));
  auto writer = Connect(*path, Access::kReadWrite, log);
  if (!writer) return std::unexpected(std::move(writer.error()));
  if (auto migrated = Migrate(**writer, Migrations()); !migrated) {
    const base::Error& error = migrated.error();
    return Fail(error.kind, "cannot use the store " + *path + ": " + error.message, "store.url");
  }
  std::vector<std::unique_ptr<Session>> readers;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i) {
    auto reader = Connect(*path, Access::kReadOnly, log);
    if (!reader) return std::unexpected(std::move(reader.error()));
    readers.push_back(std::move(*reader));
  }
  return std::unique_ptr<Database>(
      new Database(std::make_unique<Impl>(std::move(*lock), std::move(*writer), std::move(readers), options, log)));
}

Result<void> Database::Write(Work work) {
  if (impl_->writer.OnOwnThread()) {
    return Fail(ErrorKind::kInternal, "Write was called on the writer's own thread: use Post");
  }
  // Shared, because the writer may still be inside set_value when this call has its answer and returns.
  const auto answer = std::make_shared<std::promise<Result<void>>>();
  auto future = answer->get_future();
  impl_->writer.Post(std::move(work), [answer](Result<void> result) { answer->set_value(std::move(result)); });
  return future.get();
}

void Database::Post(Work work, std::function<void(Result<void>)> done) {
  impl_->writer.Post(std::move(work), std::move(done));
}

Result<void> Database::Read(const Work& work) {
  return impl_->readers.Read(work);
}

bool Database::Writable() const {
  return impl_->writer.Writable();
}

Stats Database::Statistics() const {
  return impl_->writer.Statistics();
}

}  // namespace sealpost::store
