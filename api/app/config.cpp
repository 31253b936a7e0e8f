#include "api/app/config.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "api/app/config_check.h"
#include "api/app/config_schema.h"
#include "api/app/toml.h"
#include "mailer/base/files.h"
#include "mailer/model/address.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;

constexpr std::size_t kFileBytesAtMost = 1u << 20;

std::unexpected<base::Error> UnknownKey(const std::string& where, const std::string& name) {
  const std::string nearest = NearestKey(name);
  return Fail(ErrorKind::kInvalid,
              where + ": unknown key " + name + (nearest.empty() ? "" : "; did you mean " + nearest + "?"), name);
}

// `like` is a value of the key's type: an empty list does not show what it would hold.
std::optional<ConfigValue> ToConfigValue(const toml::node& node, const ConfigValue& like) {
  if (const auto* text = node.as_string()) return ConfigValue(text->get());
  if (const auto* number = node.as_integer()) return ConfigValue(number->get());
  if (const auto* flag = node.as_boolean()) return ConfigValue(flag->get());
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  if (array->empty() && std::holds_alternative<std::vector<std::int64_t>>(like)) return std::vector<std::int64_t>();
  if (array->is_homogeneous<std::int64_t>()) {
    std::vector<std::int64_t> numbers;
    for (const auto& element : *array) numbers.push_back(element.as_integer()->get());
    return ConfigValue(std::move(numbers));
  }
  std::vector<std::string> texts;
  for (const auto& element : *array) {
    if (element.as_string() == nullptr) return std::nullopt;
    texts.push_back(element.as_string()->get());
  }
  return ConfigValue(std::move(texts));
}

std::string PlaceOf(const std::string& path, const toml::node& node) {
  return path + ":" + std::to_string(node.source().begin.line);
}

base::Result<std::string> RequireText(const std::string& path, const toml::table& table, std::string_view key,
                                      std::string_view owner) {
  if (const auto* text = table.get_as<std::string>(key); text != nullptr && !text->get().empty()) return text->get();
  return Fail(ErrorKind::kInvalid,
              PlaceOf(path, table) + ": " + std::string(owner) + " needs " + std::string(key) + " = \"...\"");
}

base::Result<void> OnlyKeys(const std::string& path, const toml::table& table, const std::set<std::string_view>& known,
                            const std::string& owner) {
  for (const auto& [key, node] : table) {
    if (known.contains(key.str())) continue;
    std::string names;
    for (const auto name : known) names += (names.empty() ? "" : ", ") + std::string(name);
    return Fail(ErrorKind::kInvalid, PlaceOf(path, node) + ": unknown key " + std::string(key.str()) + " in " + owner +
                                         "; known are " + names);
  }
  return {};
}

base::Result<DeclaredDomain> ReadDomain(const std::string& path, const toml::table& table) {
  if (auto known = OnlyKeys(path, table, {"name", "return_path", "dkim"}, "[[domains.domain]]"); !known)
    return std::unexpected(known.error());
  auto name = RequireText(path, table, "name", "[[domains.domain]]");
  if (!name) return std::unexpected(name.error());
  DeclaredDomain domain;
  auto ascii = model::ToAsciiDomain(*name);
  if (!ascii)
    return Fail(ErrorKind::kInvalid, PlaceOf(path, table) + ": domain " + *name + ": " + ascii.error().message);
  domain.name = std::move(*ascii);
  if (table.contains("return_path") && table.get_as<std::string>("return_path") == nullptr) {
    return Fail(ErrorKind::kInvalid,
                PlaceOf(path, table) + ": return_path of domain " + domain.name + " has the wrong type");
  }
  const auto* return_path = table.get_as<std::string>("return_path");
  auto bounce = model::ToAsciiDomain(return_path != nullptr ? return_path->get() : "bounce." + domain.name);
  if (!bounce) return Fail(ErrorKind::kInvalid, PlaceOf(path, table) + ": return_path: " + bounce.error().message);
  domain.return_path = std::move(*bounce);
  const auto* keys = table.get_as<toml::array>("dkim");
  if (keys == nullptr || keys->empty()) {
    return Fail(ErrorKind::kInvalid,
                PlaceOf(path, table) + ": domain " + domain.name +
                    " needs dkim = [{ selector = \"...\", key_file = \"...\" }]; make a key with sealpost dkim keygen");
  }
  for (const auto& element : *keys) {
    const auto* key = element.as_table();
    if (key == nullptr)
      return Fail(ErrorKind::kInvalid, PlaceOf(path, element) + ": dkim is a list of { selector, key_file }");
    if (auto known = OnlyKeys(path, *key, {"selector", "key_file"}, "dkim"); !known)
      return std::unexpected(known.error());
    auto selector = RequireText(path, *key, "selector", "dkim");
    if (!selector) return std::unexpected(selector.error());
    auto file = RequireText(path, *key, "key_file", "dkim");
    if (!file) return std::unexpected(file.error());
    domain.dkim.push_back({std::move(*selector), std::move(*file)});
  }
  return domain;
}

base::Result<void> ReadDomains(const std::string& path, const toml::node& node, Config& config) {
  const auto* list = node.as_array();
  if (list == nullptr)
    return Fail(ErrorKind::kInvalid, PlaceOf(path, node) + ": write each domain as [[domains.domain]]");
  for (const auto& element : *list) {
    if (element.as_table() == nullptr)
      return Fail(ErrorKind::kInvalid, PlaceOf(path, element) + ": write each domain as [[domains.domain]]");
    auto domain = ReadDomain(path, *element.as_table());
    if (!domain) return std::unexpected(domain.error());
    const auto same = [&](const DeclaredDomain& other) { return other.name == domain->name; };
    if (std::any_of(config.domains.begin(), config.domains.end(), same)) {
      return Fail(ErrorKind::kInvalid, PlaceOf(path, element) + ": domain " + domain->name + " is declared twice");
    }
    config.domains.push_back(std::move(*domain));
  }
  return {};
}

bool IsSection(std::string_view name) {
  return std::any_of(ConfigKeys().begin(), ConfigKeys().end(),
                     [&](const ConfigKey& key) { return key.name.substr(0, key.name.find('.')) == name; });
}

base::Result<void> ReadTable(const std::string& path, const toml::table& root, Config& config) {
  for (const auto& [section, node] : root) {
    const auto* table = node.as_table();
    if (table == nullptr || (table->empty() && !IsSection(section.str()))) {
      return UnknownKey(PlaceOf(path, node), std::string(section.str()));
    }
    for (const auto& [key, value] : *table) {
      const std::string name = std::string(section.str()) + "." + std::string(key.str());
      if (name == "domains.domain") {
        if (auto read = ReadDomains(path, value, config); !read) return read;
        continue;
      }
      const ConfigKey* known = FindKey(name);
      if (known == nullptr) return UnknownKey(PlaceOf(path, value), name);
      const auto typed = ToConfigValue(value, known->get(config));
      if (!typed || !known->set(config, *typed))
        return Fail(ErrorKind::kInvalid, PlaceOf(path, value) + ": " + name + " has the wrong type", name);
    }
  }
  return {};
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma != 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

// The text of an environment variable in the type its key has.
std::optional<ConfigValue> FromText(const ConfigValue& like, const std::string& text) {
  const auto number = [](std::string_view digits) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  if (std::holds_alternative<std::string>(like)) return text;
  if (std::holds_alternative<bool>(like)) {
    if (text == "true" || text == "false") return text == "true";
    return std::nullopt;
  }
  if (std::holds_alternative<std::int64_t>(like)) {
    if (const auto value = number(text)) return *value;
    return std::nullopt;
  }
  if (std::holds_alternative<std::vector<std::string>>(like)) return SplitList(text);
  std::vector<std::int64_t> numbers;
  for (const std::string& part : SplitList(text)) {
    const auto value = number(part);
    if (!value) return std::nullopt;
    numbers.push_back(*value);
  }
  return numbers;
}

base::Result<void> Override(Config& config) {
  constexpr std::string_view kPrefix = "SEALPOST__";
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    const std::string variable(text.substr(0, equals));
    std::string name = variable.substr(kPrefix.size());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto split = name.find("__"); split != std::string::npos) name.replace(split, 2, ".");
    const ConfigKey* known = FindKey(name);
    if (known == nullptr) return UnknownKey("environment variable " + variable, name);
    const auto value = FromText(known->get(config), std::string(text.substr(equals + 1)));
    if (!value || !known->set(config, *value))
      return Fail(ErrorKind::kInvalid, "environment variable " + variable + " has the wrong type", name);
  }
  return {};
}

struct PrintValue {
  std::ostream& out;
  void operator()(const std::string& text) const { out << toml::value<std::string>(text); }
  void operator()(std::int64_t number) const { out << number; }
  void operator()(bool flag) const { out << (flag ? "true" : "false"); }
  template <class T>
  void operator()(const std::vector<T>& list) const {
    out << "[";
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out << ", ";
      (*this)(list[i]);
    }
    out << "]";
  }
};

}  // namespace

base::Result<Config> LoadConfig(const std::string& path) {
  const auto text = base::ReadFile(path, kFileBytesAtMost);
  if (!text) return std::unexpected(text.error());
  Config config;
  try {
    const toml::table root = toml::parse(*text, path);
    if (auto read = ReadTable(path, root, config); !read) return std::unexpected(read.error());
  } catch (const toml::parse_error& error) {
    return Fail(ErrorKind::kInvalid,
                path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
  if (auto done = Override(config); !done) return std::unexpected(done.error());
  if (auto good = CheckConfig(path, config); !good) return std::unexpected(good.error());
  return config;
}

std::string PrintConfig(const Config& config) {
  std::ostringstream out;
  std::string section;
  for (const ConfigKey& key : ConfigKeys()) {
    const std::size_t dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      out << (section.empty() ? "" : "\n") << "[" << key.name.substr(0, dot) << "]\n";
      section = std::string(key.name.substr(0, dot));
    }
    out << key.name.substr(dot + 1) << " = ";
    std::visit(PrintValue{out}, key.get(config));
    out << "\n";
  }
  const PrintValue print{out};
  for (const DeclaredDomain& domain : config.domains) {
    out << "\n[[domains.domain]]\nname = ";
    print(domain.name);
    out << "\nreturn_path = ";
    print(domain.return_path);
    out << "\ndkim = [";
    for (std::size_t i = 0; i < domain.dkim.size(); ++i) {
      out << (i == 0 ? "{ selector = " : ", { selector = ");
      print(domain.dkim[i].selector);
      out << ", key_file = ";
      print(domain.dkim[i].key_file);
      out << " }";
    }
    out << "]\n";
  }
  return out.str();
}

}  // namespace sealpost::app
