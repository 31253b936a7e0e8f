// The inside of a parsed template; between the parser and the renderer only.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "templates/mustache.h"

namespace sealpost::templates {

struct TemplateNode {
  enum class Type { kText, kVariable, kSection, kInverted };
  Type type = Type::kText;
  std::string text = {};                    // the literal text, or the name as written
  std::vector<std::string> path = {};       // the name split at its dots; empty for "." (the value itself)
  std::size_t line = 0, column = 0;         // of the tag, 1-based, columns in characters
  std::vector<TemplateNode> children = {};  // of sections
};

struct TemplateTree {
  std::vector<TemplateNode> nodes;
  Limits limits;
};

// Checks size and depth, and that every tag and section is closed. Linear in the source.
std::expected<std::vector<TemplateNode>, TemplateError> ParseNodes(std::string_view source, const Limits& limits);

}  // namespace sealpost::templates
