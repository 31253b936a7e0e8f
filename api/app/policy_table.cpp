#include "api/app/policy_table.h"

#include <algorithm>
#include <utility>

#include "api/app/policy_values.h"
#include "mailer/base/nearest.h"
#include "mailer/model/address.h"

namespace sealpost::app {

using ratelimit::Limit;
using ratelimit::Mode;

PolicyTable::PolicyTable(PolicyReading& reading, const toml::table& table, std::string name, std::optional<Mode> mode)
    : reading_(reading), table_(table), name_(std::move(name)), mode_(mode) {
  Mode own{};
  if (!table.contains("mode")) return;
  Text("mode", own, ParseMode);
  mode_ = own;
}

void PolicyTable::Flag(std::string_view key, bool& into) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const auto* flag = node->as_boolean();
  if (flag == nullptr) return Complain(*node, Full(key) + " is true or false");
  into = flag->get();
}

void PolicyTable::Texts(std::string_view key, std::vector<std::string>& into) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const auto* list = node->as_array();
  std::vector<std::string> texts;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto* text = list->get(i)->as_string();
    if (text == nullptr) return Complain(*node, Full(key) + " is a list of texts in quotes");
    texts.push_back(text->get());
  }
  if (list == nullptr) return Complain(*node, Full(key) + " is a list of texts in quotes");
  into = std::move(texts);
}

std::vector<std::string> PolicyTable::Domains(std::string_view key) {
  std::vector<std::string> domains;
  Texts(key, domains);
  for (std::string& domain : domains) {
    auto ascii = model::ToAsciiDomain(domain);
    if (!ascii) {
      Complain(*table_.get(key), Full(key) + ": \"" + domain + "\": " + ascii.error().message);
      return {};
    }
    domain = *std::move(ascii);
  }
  return domains;
}

void PolicyTable::Limits(std::string_view key, std::vector<Limit>& into) {
  if (mode_) {
    for (Limit& limit : into) limit.mode = *mode_;
  }
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  std::vector<std::string> texts;
  Texts(key, texts);
  std::vector<Limit> limits;
  for (const std::string& text : texts) {
    const auto limit = ParseLimit(text, mode_.value_or(Mode::kEnforce));
    if (!limit) return Complain(*node, Full(key) + ": \"" + text + "\": " + limit.error().message);
    // Rules are known by scope and window: two of one window would share a name.
    if (std::ranges::find(limits, limit->window, &Limit::window) != limits.end()) {
      return Complain(*node, Full(key) + ": \"" + text + "\": there is a rule for this window already");
    }
    limits.push_back(*limit);
  }
  into = std::move(limits);
}

void PolicyTable::Below(std::string_view key, const ReadTable& read) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) return Complain(*node, Full(key) + " is a table: [" + Full(key) + "]");
  PolicyTable below(reading_, *table, Full(key), mode_);
  read(below);
  below.RefuseOthers();
}

void PolicyTable::RefuseOthers() {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    const std::vector<std::string_view> names(known_.begin(), known_.end());
    const std::string_view nearest = base::Nearest(key.str(), names);
    const std::string hint = nearest.empty() ? std::string() : "; did you mean " + Full(nearest) + "?";
    return Complain(node, "unknown key " + Full(key.str()) + hint);
  }
}

std::string PolicyTable::Full(std::string_view key) const {
  return (name_.empty() ? std::string() : name_ + ".") + std::string(key);
}

void PolicyTable::Complain(const toml::node& node, const std::string& sentence) {
  if (!reading_.result) return;
  const auto line = static_cast<std::uint64_t>(node.source().begin.line);
  reading_.result = base::Fail(base::ErrorKind::kInvalid, reading_.path + ":" + std::to_string(line) + ": " + sentence);
}

const toml::node* PolicyTable::Find(std::string_view key) {
  known_.emplace_back(key);
  return reading_.result ? table_.get(key) : nullptr;
}

}  // namespace sealpost::app
