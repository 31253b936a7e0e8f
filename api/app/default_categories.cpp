#include "api/app/default_categories.h"

#include <utility>

#include "mailer/store/keys.h"
#include "mailer/store/templates.h"

namespace sealpost::app {

namespace {

constexpr std::size_t kTemplatesAtOnce = 100;

bool IsLost(const std::string& category, const ratelimit::Policy& policy) {
  return !category.empty() && !policy.Find(category);
}

base::Result<void> AddOfTemplates(store::Session& session, const ratelimit::Policy& policy,
                                  std::vector<LostDefault>& lost) {
  std::string before;
  for (;;) {
    const auto page = store::ListTemplates(session, before, kTemplatesAtOnce);
    if (!page) return std::unexpected(page.error());
    for (const model::Template& each : *page) {
      const std::string& category = each.published ? each.published->category : each.draft.category;
      if (IsLost(category, policy)) lost.push_back({"template", each.id, category});
    }
    if (page->size() < kTemplatesAtOnce) return {};
    before = page->back().id;
  }
}

}  // namespace

base::Result<std::vector<LostDefault>> FindLostDefaults(store::Database& database, const ratelimit::Policy& policy) {
  std::vector<LostDefault> lost;
  const auto read = database.Read([&](store::Session& session) -> base::Result<void> {
    lost.clear();
    const auto keys = store::AllKeys(session);
    if (!keys) return std::unexpected(keys.error());
    for (const model::ApiKey& key : *keys) {
      if (IsLost(key.category, policy)) lost.push_back({"key", key.id, key.category});
    }
    return AddOfTemplates(session, policy, lost);
  });
  if (!read) return std::unexpected(read.error());
  return lost;
}

}  // namespace sealpost::app
