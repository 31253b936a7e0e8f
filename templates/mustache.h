// Mustache (variables, sections, inverted sections, comments, set delimiters; no partials, no lambdas), strict: a
// variable that is missing is an error with its place, and output, depth and steps are bounded.
//
// Escaping: in kHtml both {{x}} and {{{x}}} (and {{&x}}) are HTML-escaped, except names declared raw; in kText
// nothing is escaped. Pure functions, thread safe.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templates/value.h"

namespace sealpost::templates {

enum class Kind { kText, kHtml };

struct TemplateError {
  std::string message;   // "the variable NAME has no value"
  std::string variable;  // the name, if it is about one
  std::size_t line = 0;  // 1-based; 0: not about a place
  std::size_t column = 0;
};

struct Limits {
  std::size_t source_bytes = 512 * 1024;
  std::size_t output_bytes = 2 * 1024 * 1024;
  std::size_t depth = 16;
  std::size_t steps = 200'000;
};

struct TemplateTree;

// A parsed template: parse once, render often. Immutable and shareable between threads.
class Template {
 public:
  static std::expected<Template, TemplateError> Parse(std::string_view source, Limits limits = {});

  // False, an empty text, an empty list, null and missing are false to a section; "{{.}}" is the value of the
  // innermost. `raw` names the variables whose value is put in unescaped in kHtml. A variable resolves against the
  // innermost section first. Null and missing are both "no value"; sections over a missing name render as empty.
  std::expected<std::string, TemplateError> Render(const Object& data, Kind kind,
                                                   const std::set<std::string, std::less<>>& raw) const;
  // Names used as variables or sections as they are written ("user.name"), sorted, each once, without ".".
  std::vector<std::string> Variables() const;

 private:
  explicit Template(std::shared_ptr<const TemplateTree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const TemplateTree> tree_;
};

}  // namespace sealpost::templates
