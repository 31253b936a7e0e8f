#include "dns/public_suffix.h"

#include <libpsl.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::uintmax_t kMaxFile = 16 * 1024 * 1024;  // the list of 2026 has 320 KB

}  // namespace

struct PublicSuffixList::List {
  // A const list is libpsl's own, built in; freeing that is no work.
  struct Free {
    void operator()(const psl_ctx_t* context) const noexcept { psl_free(const_cast<psl_ctx_t*>(context)); }
  };
  std::unique_ptr<const psl_ctx_t, Free> context;
};

PublicSuffixList::PublicSuffixList(std::unique_ptr<List> list) : list_(std::move(list)) {}
PublicSuffixList::PublicSuffixList(PublicSuffixList&&) noexcept = default;
PublicSuffixList& PublicSuffixList::operator=(PublicSuffixList&&) noexcept = default;
PublicSuffixList::~PublicSuffixList() = default;

std::expected<PublicSuffixList, std::string> PublicSuffixList::FromSystem() {
  auto list = std::make_unique<List>();
  list->context.reset(psl_latest(nullptr));
  if (!list->context) list->context.reset(psl_builtin());
  if (!list->context) return std::unexpected("this system has no public suffix list (Debian: publicsuffix)");
  return PublicSuffixList(std::move(list));
}

std::expected<PublicSuffixList, std::string> PublicSuffixList::FromFile(const std::string& path) {
  std::error_code error;
  // libpsl would read a device to its end, which may never come.
  if (!std::filesystem::is_regular_file(path, error)) return std::unexpected(path + " is not a file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kMaxFile) return std::unexpected(path + " is larger than a public suffix list");
  auto list = std::make_unique<List>();
  list->context.reset(psl_load_file(path.c_str()));
  // A count of -1 is the compiled form, which does not tell.
  if (!list->context || psl_suffix_count(list->context.get()) == 0)
    return std::unexpected(path + " is no public suffix list, or cannot be read");
  return PublicSuffixList(std::move(list));
}

bool PublicSuffixList::IsPublicSuffix(std::string_view name) const {
  if (!IsQueryable(name) || name.find('\0') != std::string_view::npos) return false;
  return psl_is_public_suffix(list_->context.get(), Lower(name).c_str()) == 1;
}

std::string PublicSuffixList::OrganizationalDomain(std::string_view name) const {
  std::string lower = Lower(name);
  if (!IsQueryable(name) || name.find('\0') != std::string_view::npos) return lower;
  const char* registrable = psl_registrable_domain(list_->context.get(), lower.c_str());
  return registrable ? std::string(registrable) : lower;
}

}  // namespace sealpost::dns
