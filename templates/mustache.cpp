#include "templates/mustache.h"

#include <optional>

#include "templates/tree.h"

namespace sealpost::templates {

namespace {

using Type = TemplateNode::Type;

void AppendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

bool IsNull(const Value* value) { return value == nullptr || std::holds_alternative<std::monostate>(value->data); }

bool IsFalse(const Value* value) {
  if (IsNull(value)) return true;
  if (const auto* flag = std::get_if<bool>(&value->data)) return !*flag;
  if (const auto* text = std::get_if<std::string>(&value->data)) return text->empty();
  if (const auto* list = std::get_if<List>(&value->data)) return list->empty();
  return false;
}

class Renderer {
 public:
  Renderer(const TemplateTree& tree, Kind kind, const std::set<std::string, std::less<>>& raw) : tree_(tree), kind_(kind), raw_(raw) {}

  std::expected<std::string, TemplateError> Run(const Object& data) {
    const Value root{data};
    context_.push_back(&root);
    if (auto fault = RenderAll(tree_.nodes)) return std::unexpected(std::move(*fault));
    return std::move(out_);
  }

 private:
  std::optional<TemplateError> RenderAll(const std::vector<TemplateNode>& nodes) {
    for (const TemplateNode& node : nodes) {
      if (++steps_ > tree_.limits.steps) return At(node, "the template takes more than " + std::to_string(tree_.limits.steps) + " steps");
      std::optional<TemplateError> fault;
      if (node.type == Type::kText) {
        out_ += node.text;
      } else if (node.type == Type::kVariable) {
        fault = RenderVariable(node);
      } else {
        fault = RenderSection(node);
      }
      if (fault) return fault;
      if (out_.size() > tree_.limits.output_bytes) {
        return At(node, "the output has more than " + std::to_string(tree_.limits.output_bytes) + " bytes");
      }
    }
    return std::nullopt;
  }

  std::optional<TemplateError> RenderVariable(const TemplateNode& node) {
    const Value* value = Find(node.path);
    if (IsNull(value)) {
      TemplateError error = At(node, "the variable " + node.text + " has no value");
      error.variable = node.text;
      return error;
    }
    if (const auto* flag = std::get_if<bool>(&value->data)) {
      out_ += *flag ? "true" : "false";
      return std::nullopt;
    }
    const auto* text = std::get_if<std::string>(&value->data);
    if (text == nullptr) {
      TemplateError error = At(node, "the variable " + node.text + " is a list or an object; walk through it with {{#" + node.text + "}}");
      error.variable = node.text;
      return error;
    }
    if (kind_ == Kind::kText || raw_.contains(node.text)) {
      out_ += *text;
    } else {
      AppendEscaped(out_, *text);
    }
    return std::nullopt;
  }

  std::optional<TemplateError> RenderSection(const TemplateNode& node) {
    const Value* value = Find(node.path);
    if (node.type == Type::kInverted) return IsFalse(value) ? RenderAll(node.children) : std::nullopt;
    if (IsFalse(value)) return std::nullopt;
    const auto* list = std::get_if<List>(&value->data);
    if (list == nullptr) return RenderWith(*value, node.children);
    for (const Value& element : *list) {
      if (auto fault = RenderWith(element, node.children)) return fault;
    }
    return std::nullopt;
  }

  std::optional<TemplateError> RenderWith(const Value& value, const std::vector<TemplateNode>& nodes) {
    context_.push_back(&value);
    auto fault = RenderAll(nodes);
    context_.pop_back();
    return fault;
  }

  // The first part of the name is looked for from the innermost section outwards, the rest only inside what it names.
  const Value* Find(const std::vector<std::string>& path) const {
    if (path.empty()) return context_.back();
    for (auto frame = context_.rbegin(); frame != context_.rend(); ++frame) {
      const Value* value = Member(**frame, path.front());
      if (value == nullptr) continue;
      for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) value = Member(*value, path[i]);
      return value;
    }
    return nullptr;
  }

  static const Value* Member(const Value& value, const std::string& name) {
    const auto* object = std::get_if<Object>(&value.data);
    if (object == nullptr) return nullptr;
    const auto found = object->find(name);
    return found == object->end() ? nullptr : &found->second;
  }

  static TemplateError At(const TemplateNode& node, std::string message) { return {std::move(message), "", node.line, node.column}; }

  const TemplateTree& tree_;
  const Kind kind_;
  const std::set<std::string, std::less<>>& raw_;
  std::vector<const Value*> context_;
  std::string out_;
  std::size_t steps_ = 0;
};

void Collect(const std::vector<TemplateNode>& nodes, std::set<std::string>& names) {
  for (const TemplateNode& node : nodes) {
    if (node.type != Type::kText && !node.path.empty()) names.insert(node.text);
    Collect(node.children, names);
  }
}

}  // namespace

std::expected<Template, TemplateError> Template::Parse(std::string_view source, Limits limits) {
  auto nodes = ParseNodes(source, limits);
  if (!nodes) return std::unexpected(nodes.error());
  return Template(std::make_shared<const TemplateTree>(TemplateTree{std::move(*nodes), limits}));
}

std::expected<std::string, TemplateError> Template::Render(const Object& data, Kind kind,
                                                           const std::set<std::string, std::less<>>& raw) const {
  return Renderer(*tree_, kind, raw).Run(data);
}

std::vector<std::string> Template::Variables() const {
  std::set<std::string> names;
  Collect(tree_->nodes, names);
  return {names.begin(), names.end()};
}

}  // namespace sealpost::templates
