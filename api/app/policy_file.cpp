#include "api/app/policy_file.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/app/policy_table.h"
#include "api/app/policy_values.h"
#include "api/app/toml.h"
#include "mailer/base/files.h"
#include "mailer/base/nearest.h"
#include "mailer/model/address.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;
using ratelimit::Category;
using ratelimit::Policy;

constexpr std::size_t kPolicyBytesAtMost = 1u << 20;
constexpr std::size_t kNameAtMost = 32;

void ReadCategory(PolicyTable& table, Policy::PerCategory& own) {
  table.Text("lane", own.lane, ParseLane);
  table.Limits("mailbox", own.mailbox);
  table.Limits("unconfirmed", own.unconfirmed);
  table.Below("per", [&own](PolicyTable& per) {
    per.Limits("inviter", own.inviter);
    per.Limits("inviter_verified", own.inviter_verified);
    per.Limits("workspace", own.workspace);
  });
  table.Text("on_limit", own.on_limit, ParseOnLimit);
  table.Text("on_outage", own.on_outage, ParseOnOutage);
  table.Text("duplicate", own.duplicate, ParseWindow);
  table.Flag("only_dedupe_key", own.only_dedupe_key);
  table.Flag("trusted", own.trusted);
}

bool IsName(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kNameAtMost && name.front() >= 'a' && std::ranges::all_of(name, fits);
}

std::optional<std::string> WhyNoCategory(const Policy& policy, const std::string& name, const toml::node& node) {
  if (!IsName(name)) return "a name is up to 32 of a-z, 0-9 and _, and a letter comes first";
  if (policy.categories.size() >= ratelimit::kMostCategories) {
    constexpr int kOwn = ratelimit::kMostCategories - ratelimit::kShippedCategories;
    return std::to_string(kOwn) + " categories of one's own are the most";
  }
  const toml::table* table = node.as_table();
  if (table == nullptr || (table->contains("lane") && table->contains("mailbox"))) return std::nullopt;
  std::vector<std::string_view> known;
  for (const auto& own : policy.categories) known.push_back(policy.NameOf(own.category));
  return "not a shipped category, and one of your own needs lane and mailbox" + base::DidYouMean(name, known);
}

// The ids of a file's own categories stand in the counters, so they follow the order of the file: a category that is
// added at the end moves no other.
std::vector<std::pair<std::string, const toml::node*>> InOrderOfTheFile(const toml::table& table) {
  std::vector<std::pair<std::string, const toml::node*>> list;
  for (const auto& [key, node] : table) list.emplace_back(key.str(), &node);
  std::ranges::stable_sort(list, {}, [](const auto& named) {
    return std::pair(named.second->source().begin.line, named.second->source().begin.column);
  });
  return list;
}

Policy::PerCategory& FindOrAdd(Policy& policy, const std::string& name) {
  auto category = policy.Find(name);
  if (!category) {
    category = static_cast<Category>(policy.categories.size());
    policy.categories.push_back({.category = *category, .lane = ratelimit::Lane::kAnonymous, .name = name});
  }
  return *std::ranges::find(policy.categories, *category, &Policy::PerCategory::category);
}

void ReadCategories(PolicyTable& table, Policy& policy) {
  std::vector<Category> read;
  for (const auto& [name, node] : InOrderOfTheFile(table.table())) {
    if (!policy.Find(name)) {
      if (const auto why = WhyNoCategory(policy, name, *node)) {
        return table.Complain(*node, table.Full(name) + ": " + *why);
      }
    }
    Policy::PerCategory& own = FindOrAdd(policy, name);
    if (std::ranges::find(read, own.category) != read.end()) {
      return table.Complain(*node, table.Full(name) + " is there twice: in a name, - is _");
    }
    read.push_back(own.category);
    table.Below(name, [&own, place = node](PolicyTable& below) {
      ReadCategory(below, own);
      if (own.mailbox.empty()) below.Complain(*place, below.Full("mailbox") + " needs a rule; its mode may be off");
    });
  }
}

void ReadUmbrella(PolicyTable& table, Policy& policy) {
  table.Below("anonymous", [&policy](PolicyTable& anonymous) {
    anonymous.Limits("confirmed", policy.umbrella_confirmed);
    anonymous.Limits("unconfirmed", policy.umbrella_unconfirmed);
  });
  table.Limits("trusted", policy.trusted);
  table.Limits("captcha", policy.captcha);
  table.Limits("all", policy.all);
}

ratelimit::DomainRule& RuleOf(ratelimit::IdentityRules& identity, std::string domain) {
  const auto known = std::ranges::find(identity.domains, domain, &ratelimit::DomainRule::domain);
  if (known != identity.domains.end()) return *known;
  return identity.domains.emplace_back(ratelimit::DomainRule{.domain = std::move(domain)});
}

void ReadScopes(PolicyTable& table, Policy& policy, ratelimit::IdentityRules& identity) {
  table.Below("family", [&policy](PolicyTable& scope) { scope.Limits("anonymous", policy.family); });
  table.Below("domain", [&](PolicyTable& scope) {
    scope.Limits("unconfirmed", policy.domain);
    for (std::string& domain : scope.Domains("exempt")) RuleOf(identity, std::move(domain)).no_domain_budget = true;
  });
  table.Below("source", [&policy](PolicyTable& scope) {
    scope.Limits("unconfirmed", policy.source);
    scope.Limits("network", policy.source_net);
  });
  table.Below("key", [&policy](PolicyTable& scope) { scope.Limits("unconfirmed", policy.key); });
}

base::Result<ratelimit::Limit> ParseEnforced(std::string_view text) {
  return ParseLimit(text);
}

void ReadAttack(PolicyTable& table, Policy& policy) {
  table.Text("enter", policy.attack.enter, ParseEnforced);
  table.Text("leave", policy.attack.leave, ParseEnforced);
  table.Limits("anonymous", policy.attack.anonymous);
}

// Tables by the domain's name: [identity."bigco.example"].
void ReadIdentity(PolicyTable& table, ratelimit::IdentityRules& identity) {
  for (const auto& [key, node] : table.table()) {
    const auto domain = model::ToAsciiDomain(key.str());
    if (!domain) return table.Complain(node, table.Full(key.str()) + ": " + domain.error().message);
    ratelimit::DomainRule& rule = RuleOf(identity, *domain);
    table.Below(key.str(), [&rule](PolicyTable& own) {
      own.Text("plus", rule.plus, ParseSpelling);
      own.Text("dots", rule.dots, ParseSpelling);
      own.Text("same_as", rule.same_as, model::ToAsciiDomain);
    });
  }
}

base::Result<PolicyFile> ReadRoot(const toml::table& root, const std::string& path) {
  PolicyFile file;
  Policy& policy = file.policy;
  PolicyReading reading{.path = path};
  PolicyTable table(reading, root, "");
  table.Below("categories", [&policy](PolicyTable& below) { ReadCategories(below, policy); });
  table.Below("umbrella", [&policy](PolicyTable& below) { ReadUmbrella(below, policy); });
  table.Below("scopes", [&](PolicyTable& below) { ReadScopes(below, policy, file.identity); });
  table.Below("attack", [&policy](PolicyTable& below) { ReadAttack(below, policy); });
  table.Below("identity", [&file](PolicyTable& below) { ReadIdentity(below, file.identity); });
  table.RefuseOthers();
  if (!reading.result) return std::unexpected(std::move(reading.result.error()));
  return file;
}

}  // namespace

base::Result<PolicyFile> ParsePolicy(std::string_view text, const std::string& path) {
  try {
    return ReadRoot(toml::parse(text, path), path);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorKind::kInvalid,
                path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
}

base::Result<PolicyFile> ReadPolicy(const std::string& path) {
  if (path.empty()) return PolicyFile();
  const auto text = base::ReadFile(path, kPolicyBytesAtMost);
  if (!text) return std::unexpected(text.error());
  return ParsePolicy(*text, path);
}

}  // namespace sealpost::app
