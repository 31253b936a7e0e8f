#include "templates/mustache.h"

#include <optional>
#include <span>
#include <utility>

#include "templates/tree.h"

namespace sealpost::templates {
namespace {

using Type = TemplateNode::Type;
using Failure = std::optional<TemplateError>;

void AppendHtml(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

bool IsTrue(const Value* value) {
  if (value == nullptr || std::holds_alternative<std::monostate>(value->data)) return false;
  if (const bool* flag = std::get_if<bool>(&value->data)) return *flag;
  if (const auto* text = std::get_if<std::string>(&value->data)) return !text->empty();
  if (const auto* list = std::get_if<List>(&value->data)) return !list->empty();
  return true;
}

const Value* Member(const Object& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &found->second;
}

class Renderer {
 public:
  Renderer(const Limits& limits, const Object& data, Kind kind, const std::set<std::string, std::less<>>& raw)
      : limits_(limits), data_(data), kind_(kind), raw_(raw) {}

  Failure Render(std::span<const TemplateNode> nodes);
  std::string Take() { return std::move(out_); }

 private:
  Failure Variable(const TemplateNode& node);
  Failure Section(const TemplateNode& node);
  Failure Inside(const TemplateNode& section, const Value* scope);
  const Value* Resolve(const TemplateNode& node) const;
  Failure Bounded(const TemplateNode& node) const;

  const Limits& limits_;
  const Object& data_;
  const Kind kind_;
  const std::set<std::string, std::less<>>& raw_;
  std::vector<const Value*> scopes_;  // innermost last; the data itself lies beneath them
  std::string out_;
  std::size_t steps_ = 0;
};

TemplateError At(const TemplateNode& node, std::string message) {
  return {std::move(message), node.text, node.line, node.column};
}

Failure Renderer::Render(std::span<const TemplateNode> nodes) {
  for (const TemplateNode& node : nodes) {
    ++steps_;
    Failure failure;
    switch (node.type) {
      case Type::kText:
        out_ += node.text;
        break;
      case Type::kVariable:
        failure = Variable(node);
        break;
      case Type::kSection:
        failure = Section(node);
        break;
      case Type::kInverted:
        if (!IsTrue(Resolve(node))) failure = Render(node.children);
        break;
    }
    if (!failure) failure = Bounded(node);
    if (failure) return failure;
  }
  return std::nullopt;
}

Failure Renderer::Variable(const TemplateNode& node) {
  const Value* value = Resolve(node);
  if (value == nullptr || std::holds_alternative<std::monostate>(value->data)) {
    return At(node, "the variable " + node.text + " has no value");
  }
  if (const bool* flag = std::get_if<bool>(&value->data)) {
    out_ += *flag ? "true" : "false";
    return std::nullopt;
  }
  const auto* text = std::get_if<std::string>(&value->data);
  if (text == nullptr) {
    return At(node, "the variable " + node.text + " is a list or an object: use it as a section, or name a member");
  }
  if (kind_ == Kind::kText || raw_.contains(node.text)) {
    out_ += *text;
  } else {
    AppendHtml(out_, *text);
  }
  return std::nullopt;
}

Failure Renderer::Section(const TemplateNode& node) {
  const Value* value = Resolve(node);
  if (!IsTrue(value)) return std::nullopt;
  const auto* list = std::get_if<List>(&value->data);
  if (list == nullptr) return Inside(node, value);
  for (const Value& element : *list) {
    if (auto failure = Inside(node, &element)) return failure;
  }
  return std::nullopt;
}

Failure Renderer::Inside(const TemplateNode& section, const Value* scope) {
  // Counted also where the section is empty: a long list is work even if nothing is printed.
  ++steps_;
  if (auto failure = Bounded(section)) return failure;
  scopes_.push_back(scope);
  auto failure = Render(section.children);
  scopes_.pop_back();
  return failure;
}

// The first word of a name is looked for from the innermost scope outwards, the others only inside what it is.
const Value* Renderer::Resolve(const TemplateNode& node) const {
  if (node.path.empty()) return scopes_.empty() ? nullptr : scopes_.back();
  const Value* value = nullptr;
  for (std::size_t i = scopes_.size(); i > 0 && value == nullptr; --i) {
    if (const auto* object = std::get_if<Object>(&scopes_[i - 1]->data)) value = Member(*object, node.path.front());
  }
  if (value == nullptr) value = Member(data_, node.path.front());
  for (std::size_t i = 1; i < node.path.size() && value != nullptr; ++i) {
    const auto* object = std::get_if<Object>(&value->data);
    value = object == nullptr ? nullptr : Member(*object, node.path[i]);
  }
  return value;
}

Failure Renderer::Bounded(const TemplateNode& node) const {
  if (out_.size() > limits_.output_bytes) {
    return TemplateError{"the text comes to more than " + std::to_string(limits_.output_bytes) + " bytes", "",
                         node.line, node.column};
  }
  if (steps_ > limits_.steps) {
    return TemplateError{"the template takes more than " + std::to_string(limits_.steps) + " steps", "", node.line,
                         node.column};
  }
  return std::nullopt;
}

void CollectNames(std::span<const TemplateNode> nodes, std::set<std::string>& names) {
  for (const TemplateNode& node : nodes) {
    if (node.type != Type::kText && !node.path.empty()) names.insert(node.text);
    CollectNames(node.children, names);
  }
}

}  // namespace

std::expected<Template, TemplateError> Template::Parse(std::string_view source, Limits limits) {
  auto nodes = ParseNodes(source, limits);
  if (!nodes) return std::unexpected(std::move(nodes.error()));
  return Template(std::make_shared<const TemplateTree>(TemplateTree{std::move(*nodes), limits}));
}

std::expected<std::string, TemplateError> Template::Render(const Object& data, Kind kind,
                                                           const std::set<std::string, std::less<>>& raw) const {
  Renderer renderer(tree_->limits, data, kind, raw);
  if (auto failure = renderer.Render(tree_->nodes)) return std::unexpected(std::move(*failure));
  return renderer.Take();
}

std::vector<std::string> Template::Variables() const {
  std::set<std::string> names;
  CollectNames(tree_->nodes, names);
  return {names.begin(), names.end()};
}

}  // namespace sealpost::templates
