#include <algorithm>
#include <optional>
#include <utility>

#include "templates/tree.h"

namespace sealpost::templates {

namespace {

using Type = TemplateNode::Type;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> SplitAtDots(std::string_view name) {
  std::vector<std::string> path;
  if (name == ".") return path;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    path.emplace_back(name.substr(0, dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return path;
}

struct Tag {
  char sigil = 0;  // 0: a variable in two braces
  std::string_view inner;
  std::size_t begin = 0, end = 0;  // in the source
};

class Parser {
 public:
  Parser(std::string_view source, const Limits& limits) : source_(source), limits_(limits) { open_sections_.emplace_back(); }

  std::expected<std::vector<TemplateNode>, TemplateError> Run() {
    if (source_.size() > limits_.source_bytes) {
      return std::unexpected(TemplateError{"it has more than " + std::to_string(limits_.source_bytes) + " bytes", "", 0, 0});
    }
    std::size_t position = 0;
    for (;;) {
      const std::size_t begin = source_.find(open_, position);
      if (begin == std::string_view::npos) break;
      auto tag = ReadTag(begin);
      if (!tag) return std::unexpected(tag.error());
      std::size_t text_end = begin;
      std::size_t next = tag->end;
      if (tag->sigil != 0 && tag->sigil != '{' && tag->sigil != '&') StripLine(*tag, position, text_end, next);
      AddText(position, text_end);
      if (auto fault = Apply(*tag)) return std::unexpected(std::move(*fault));
      position = next;
    }
    AddText(position, source_.size());
    if (open_sections_.size() > 1) {
      const TemplateNode& section = open_sections_[open_sections_.size() - 2].back();
      return std::unexpected(TemplateError{"the section " + section.text + " is never closed", "", section.line, section.column});
    }
    return std::move(open_sections_.front());
  }

 private:
  TemplateError ErrorAt(std::size_t offset, std::string message) const {
    const std::string_view before = source_.substr(0, offset);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t line_start = before.rfind('\n');
    return {std::move(message), "", line, offset - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1};
  }

  std::expected<Tag, TemplateError> ReadTag(std::size_t begin) const {
    Tag tag;
    tag.begin = begin;
    std::size_t at = begin + open_.size();
    constexpr std::string_view kSigils = "#^/!>=&{";
    if (at < source_.size() && kSigils.find(source_[at]) != std::string_view::npos) tag.sigil = source_[at++];
    std::string close = close_;
    if (tag.sigil == '{') close = "}" + close;
    if (tag.sigil == '=') close = "=" + close;
    const std::size_t end = source_.find(close, at);
    if (end == std::string_view::npos) return std::unexpected(ErrorAt(begin, "a tag is never closed"));
    tag.inner = Trim(source_.substr(at, end - at));
    tag.end = end + close.size();
    return tag;
  }

  // A section, comment or delimiter tag alone on its line takes the whole line with it.
  void StripLine(const Tag& tag, std::size_t position, std::size_t& text_end, std::size_t& next) const {
    std::size_t start = tag.begin;
    while (start > position && (source_[start - 1] == ' ' || source_[start - 1] == '\t')) --start;
    if (start != 0 && source_[start - 1] != '\n') return;
    std::size_t after = tag.end;
    while (after < source_.size() && (source_[after] == ' ' || source_[after] == '\t')) ++after;
    if (after < source_.size() && source_[after] == '\r') ++after;
    if (after < source_.size() && source_[after] != '\n') return;
    text_end = start;
    next = std::min(after + 1, source_.size());
  }

  void AddText(std::size_t begin, std::size_t end) {
    if (end <= begin) return;
    TemplateNode node;
    node.text = std::string(source_.substr(begin, end - begin));
    open_sections_.back().push_back(std::move(node));
  }

  std::optional<TemplateError> Apply(const Tag& tag) {
    if (tag.sigil == '!') return std::nullopt;
    if (tag.sigil == '=') return SetDelimiters(tag);
    if (tag.sigil == '>') return ErrorAt(tag.begin, "partials ({{>name}}) are not supported");
    if (tag.inner.empty()) return ErrorAt(tag.begin, "a tag has no name");
    if (tag.inner.find_first_of(" \t\r\n") != std::string_view::npos) {
      return ErrorAt(tag.begin, "the name \"" + std::string(tag.inner.substr(0, 50)) + "\" has a space in it");
    }
    if (tag.sigil == '/') return CloseSection(tag);
    TemplateNode node;
    node.type = tag.sigil == '#' ? Type::kSection : tag.sigil == '^' ? Type::kInverted : Type::kVariable;
    node.text = std::string(tag.inner);
    node.path = SplitAtDots(tag.inner);
    const TemplateError place = ErrorAt(tag.begin, "");
    node.line = place.line;
    node.column = place.column;
    const bool opens = node.type != Type::kVariable;
    open_sections_.back().push_back(std::move(node));
    if (!opens) return std::nullopt;
    if (open_sections_.size() > limits_.depth) {
      return ErrorAt(tag.begin, "sections are nested deeper than " + std::to_string(limits_.depth));
    }
    open_sections_.emplace_back();
    return std::nullopt;
  }

  std::optional<TemplateError> CloseSection(const Tag& tag) {
    if (open_sections_.size() < 2) return ErrorAt(tag.begin, "the section " + std::string(tag.inner) + " is closed but never opened");
    std::vector<TemplateNode> children = std::move(open_sections_.back());
    open_sections_.pop_back();
    TemplateNode& section = open_sections_.back().back();
    if (section.text != tag.inner) {
      return ErrorAt(tag.begin, "the section " + section.text + " is open, but " + std::string(tag.inner) + " is closed");
    }
    section.children = std::move(children);
    return std::nullopt;
  }

  std::optional<TemplateError> SetDelimiters(const Tag& tag) {
    const std::size_t gap = tag.inner.find_first_of(" \t\r\n");
    const std::string_view open = tag.inner.substr(0, gap);
    const std::string_view close = gap == std::string_view::npos ? std::string_view() : Trim(tag.inner.substr(gap));
    if (open.empty() || close.empty() || close.find_first_of(" \t\r\n=") != std::string_view::npos || open.find('=') != std::string_view::npos) {
      return ErrorAt(tag.begin, "delimiters are set as {{=<% %>=}}");
    }
    open_ = std::string(open);
    close_ = std::string(close);
    return std::nullopt;
  }

  std::string_view source_;
  const Limits& limits_;
  std::string open_ = "{{", close_ = "}}";
  std::vector<std::vector<TemplateNode>> open_sections_;  // innermost last
};

}  // namespace

std::expected<std::vector<TemplateNode>, TemplateError> ParseNodes(std::string_view source, const Limits& limits) {
  return Parser(source, limits).Run();
}

}  // namespace sealpost::templates
