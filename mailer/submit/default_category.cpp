#include "mailer/submit/default_category.h"

#include <vector>

#include "mailer/base/nearest.h"

namespace sealpost::submit {

base::Result<std::string> CheckDefaultCategory(std::string_view name, const ratelimit::Policy& policy) {
  if (name.empty()) return std::string();
  if (const auto category = policy.Find(name)) return std::string(policy.NameOf(*category));
  std::vector<std::string_view> known;
  std::string all;
  for (const auto& own : policy.categories) {
    known.push_back(policy.NameOf(own.category));
    (all += all.empty() ? "" : ", ") += known.back();
  }
  const std::string meant = base::DidYouMean(name, known);
  return base::Fail(base::ErrorKind::kInvalid,
                    "the policy has no category of this name" + (meant.empty() ? "; it has " + all : meant),
                    "category");
}

void ApplyDefaultCategory(Checked& checked, std::string_view of_template, const model::ApiKey& caller,
                          const LimitRules& rules) {
  if (checked.says_category) return;
  for (const std::string_view name :
       {of_template, std::string_view(caller.category), std::string_view(rules.default_category)}) {
    const auto category = rules.policy.Find(name);
    if (!category) continue;
    checked.category = *category;
    checked.category_name = rules.policy.NameOf(*category);
    return;
  }
}

}  // namespace sealpost::submit
