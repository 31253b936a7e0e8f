// The data a template is rendered with: a small tree of plain values.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sealpost::templates {

struct Value;
using List = std::vector<Value>;
using Object = std::map<std::string, Value, std::less<>>;

struct Value {
  // Numbers are kept as the text they were written in.
  std::variant<std::monostate, bool, std::string, List, Object> data;
};

}  // namespace sealpost::templates
