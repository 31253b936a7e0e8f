#include "templates/tree.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sealpost::templates {
namespace {

using Type = TemplateNode::Type;
using Failure = std::optional<TemplateError>;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// A name without anything that means something in this or a neighbouring template language.
bool IsName(std::string_view name) {
  if (name == ".") return true;
  if (name.empty() || name.starts_with('.') || name.ends_with('.') || name.find("..") != std::string_view::npos) {
    return false;
  }
  return std::ranges::all_of(name, [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
           std::string_view("{}<>&=#/^!|\"'`()$").find(c) == std::string_view::npos;
  });
}

std::vector<std::string> SplitName(std::string_view name) {
  std::vector<std::string> path;
  if (name == ".") return path;
  for (std::size_t at = 0; at <= name.size();) {
    const auto dot = std::min(name.find('.', at), name.size());
    path.emplace_back(name.substr(at, dot - at));
    at = dot + 1;
  }
  return path;
}

// Tells line and column of ever later offsets, counting each byte once.
class Ruler {
 public:
  explicit Ruler(std::string_view source) : source_(source) {}
  void MoveTo(std::size_t offset) {
    for (; at_ < offset; ++at_) {
      const auto byte = static_cast<unsigned char>(source_[at_]);
      if (byte == '\n') {
        ++line_;
        column_ = 1;
      } else if ((byte & 0xc0) != 0x80) {
        ++column_;
      }
    }
  }
  std::size_t line() const { return line_; }
  std::size_t column() const { return column_; }

 private:
  std::string_view source_;
  std::size_t at_ = 0, line_ = 1, column_ = 1;
};

class Parser {
 public:
  Parser(std::string_view source, const Limits& limits) : source_(source), limits_(limits), ruler_(source) {
    levels_.emplace_back();
  }
  std::expected<std::vector<TemplateNode>, TemplateError> Run();

 private:
  struct Tag {
    char sigil = 0;                 // one of # ^ / ! = & { or 0 for a plain variable
    std::string_view content = {};  // without sigil, trimmed
    std::size_t begin = 0, end = 0;
  };
  std::expected<Tag, TemplateError> ReadTag(std::size_t begin) const;
  std::size_t Standalone(const Tag& tag, std::string_view& before) const;
  Failure Apply(const Tag& tag);
  Failure Open(const Tag& tag, Type type);
  Failure Close(const Tag& tag);
  Failure SetDelimiters(std::string_view content);
  void AddText(std::string_view text);
  TemplateError At(std::string message, std::string_view name = {}) const {
    return {std::move(message), std::string(name), ruler_.line(), ruler_.column()};
  }

  std::string_view source_;
  const Limits& limits_;
  Ruler ruler_;
  std::string open_ = "{{", close_ = "}}";
  std::size_t at_ = 0;
  std::vector<std::vector<TemplateNode>> levels_;  // what has been read of each open section, outermost first
  std::vector<TemplateNode> opened_;               // the open sections themselves
};

std::expected<std::vector<TemplateNode>, TemplateError> Parser::Run() {
  if (source_.size() > limits_.source_bytes) {
    return std::unexpected(
        TemplateError{"the template is larger than " + std::to_string(limits_.source_bytes) + " bytes", "", 0, 0});
  }
  while (at_ < source_.size()) {
    const auto begin = source_.find(open_, at_);
    if (begin == std::string_view::npos) break;
    ruler_.MoveTo(begin);
    const auto tag = ReadTag(begin);
    if (!tag) return std::unexpected(tag.error());
    std::string_view before = source_.substr(at_, begin - at_);
    at_ = Standalone(*tag, before);
    AddText(before);
    if (auto failure = Apply(*tag)) return std::unexpected(*failure);
  }
  if (!opened_.empty()) {
    const TemplateNode& section = opened_.back();
    return std::unexpected(
        TemplateError{"the section " + section.text + " is never closed", section.text, section.line, section.column});
  }
  AddText(source_.substr(std::min(at_, source_.size())));
  return std::move(levels_.front());
}

std::expected<Parser::Tag, TemplateError> Parser::ReadTag(std::size_t begin) const {
  Tag tag{.begin = begin};
  std::size_t at = begin + open_.size();
  if (at < source_.size() && std::string_view("#^/!=&{><$").find(source_[at]) != std::string_view::npos) {
    tag.sigil = source_[at++];
  }
  const std::string ending = tag.sigil == '{' ? "}" + close_ : tag.sigil == '=' ? "=" + close_ : close_;
  const auto end = source_.find(ending, at);
  if (end == std::string_view::npos) return std::unexpected(At("the tag is never closed by " + ending));
  tag.content = Trim(source_.substr(at, end - at));
  tag.end = end + ending.size();
  return tag;
}

// Where the text goes on after the tag. A tag that prints nothing and stands alone on its line takes the line with it:
// its indentation is taken from `before`.
std::size_t Parser::Standalone(const Tag& tag, std::string_view& before) const {
  if (std::string_view("#^/!=").find(tag.sigil) == std::string_view::npos) return tag.end;
  const auto last = before.find_last_not_of(" \t");
  const std::size_t indent = last == std::string_view::npos ? before.size() : before.size() - last - 1;
  const std::size_t line_begin = tag.begin - indent;
  if (line_begin > 0 && source_[line_begin - 1] != '\n') return tag.end;
  std::size_t end = std::min(source_.find_first_not_of(" \t", tag.end), source_.size());
  if (source_.substr(end).starts_with("\r\n")) {
    end += 2;
  } else if (end < source_.size()) {
    if (source_[end] != '\n') return tag.end;
    ++end;
  }
  before.remove_suffix(indent);
  return end;
}

Failure Parser::Apply(const Tag& tag) {
  switch (tag.sigil) {
    case '!':
      return std::nullopt;
    case '=':
      return SetDelimiters(tag.content);
    case '>':
      return At("partials are not supported: put the text of the partial here", tag.content);
    case '<':
    case '$':
      return At("blocks and parents are not supported: put the text here", tag.content);
    default:
      break;
  }
  if (!IsName(tag.content)) {
    return At("a tag needs one name of letters, digits, \"_\", \"-\" and \".\", not \"" +
                  std::string(tag.content.substr(0, 80)) + "\"",
              tag.content.substr(0, 80));
  }
  if (tag.sigil == '#') return Open(tag, Type::kSection);
  if (tag.sigil == '^') return Open(tag, Type::kInverted);
  if (tag.sigil == '/') return Close(tag);
  levels_.back().push_back({.type = Type::kVariable,
                            .text = std::string(tag.content),
                            .path = SplitName(tag.content),
                            .line = ruler_.line(),
                            .column = ruler_.column()});
  return std::nullopt;
}

Failure Parser::Open(const Tag& tag, Type type) {
  if (opened_.size() >= limits_.depth) {
    return At("sections are nested deeper than " + std::to_string(limits_.depth), tag.content);
  }
  opened_.push_back({.type = type,
                     .text = std::string(tag.content),
                     .path = SplitName(tag.content),
                     .line = ruler_.line(),
                     .column = ruler_.column()});
  levels_.emplace_back();
  return std::nullopt;
}

Failure Parser::Close(const Tag& tag) {
  if (opened_.empty()) return At("there is no open section " + std::string(tag.content) + " to close", tag.content);
  TemplateNode section = std::move(opened_.back());
  if (section.text != tag.content) {
    return At("the section " + section.text + " of line " + std::to_string(section.line) + " must be closed before " +
                  std::string(tag.content),
              tag.content);
  }
  section.children = std::move(levels_.back());
  levels_.pop_back();
  opened_.pop_back();
  levels_.back().push_back(std::move(section));
  return std::nullopt;
}

Failure Parser::SetDelimiters(std::string_view content) {
  const auto gap = content.find_first_of(kSpace);
  const std::string_view open = content.substr(0, gap);
  const std::string_view close = gap == std::string_view::npos ? std::string_view() : Trim(content.substr(gap));
  const bool good = !open.empty() && !close.empty() && close.find_first_of(kSpace) == std::string_view::npos &&
                    content.find('=') == std::string_view::npos;
  if (!good) return At("new delimiters are written {{=OPEN CLOSE=}}, without \"=\" or spaces in them");
  open_ = open;
  close_ = close;
  return std::nullopt;
}

void Parser::AddText(std::string_view text) {
  if (text.empty()) return;
  levels_.back().push_back({.type = Type::kText, .text = std::string(text)});
}

}  // namespace

std::expected<std::vector<TemplateNode>, TemplateError> ParseNodes(std::string_view source, const Limits& limits) {
  return Parser(source, limits).Run();
}

}  // namespace sealpost::templates
