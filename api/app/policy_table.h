// Reads one table of a policy file strictly: each key is asked for, then what is left over is an unknown key.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app/toml.h"
#include "mailer/base/error.h"
#include "ratelimit/policy.h"

namespace sealpost::app {

// Where the tables of one file are read, and the first error in them; after it nothing more is read.
struct PolicyReading {
  std::string path;
  base::Result<void> result = {};
};

// Lives while its table is read. What is not there stays as it is.
class PolicyTable {
 public:
  // `mode`: of the table above; it holds here unless this table names its own.
  PolicyTable(PolicyReading& reading, const toml::table& table, std::string name,
              std::optional<ratelimit::Mode> mode = std::nullopt);

  // A text that `parse` (one of policy_values.h) understands.
  template <class Value>
  void Text(std::string_view key, Value& into, base::Result<Value> (*parse)(std::string_view)) {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    const auto* text = node->as_string();
    if (text == nullptr) return Complain(*node, Full(key) + " is a text in quotes");
    auto value = parse(text->get());
    if (!value) return Complain(*node, Full(key) + ": " + value.error().message);
    into = *std::move(value);
  }
  void Flag(std::string_view key, bool& into);
  void Texts(std::string_view key, std::vector<std::string>& into);
  // A list of domains, as lower-case A-labels.
  std::vector<std::string> Domains(std::string_view key);
  // A list of rules. A table that only names a mode has its rules as they were, in that mode.
  void Limits(std::string_view key, std::vector<ratelimit::Limit>& into);

  using ReadTable = std::function<void(PolicyTable&)>;
  // Calls `read` with the table below, if there is one.
  void Below(std::string_view key, const ReadTable& read);
  void RefuseOthers();

  const toml::table& table() const { return table_; }
  std::string Full(std::string_view key) const;
  void Complain(const toml::node& node, const std::string& sentence);

 private:
  const toml::node* Find(std::string_view key);

  PolicyReading& reading_;
  const toml::table& table_;
  const std::string name_;
  std::optional<ratelimit::Mode> mode_;
  std::vector<std::string> known_;
};

}  // namespace sealpost::app
