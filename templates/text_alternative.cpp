#include "templates/text_alternative.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "templates/entities.h"
#include "templates/text_writer.h"

namespace sealpost::templates {
namespace {

constexpr std::size_t kLongestTagName = 16;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool IsLetter(char c) {
  return Lower(c) >= 'a' && Lower(c) <= 'z';
}
std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

std::string Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto mark = std::min(text.find('&'), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) break;
    const std::size_t taken = DecodeEntity(text, out);
    if (taken == 0) out += '&';
    text.remove_prefix(std::max<std::size_t>(taken, 1));
  }
  return out;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsParagraph(std::string_view name) {
  return IsOneOf(name, {"p", "table", "blockquote", "section", "article", "ul", "ol", "dl"});
}
bool IsLine(std::string_view name) {
  return IsOneOf(name, {"div", "tr", "header", "footer", "main", "nav", "aside", "address", "dt", "dd", "form",
                        "center", "caption", "figure"});
}
bool IsVoid(std::string_view name) {
  return IsOneOf(name, {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
                        "track", "wbr"});
}
// Elements whose inside is no text of the document.
bool IsSilent(std::string_view name) {
  return IsOneOf(name, {"head", "title", "script", "style", "template", "svg", "noscript", "object", "iframe", "select",
                        "textarea"});
}
// Inside of these "<" means nothing until their own end tag (HTML Standard 13.2.5.2 ff.).
bool IsRaw(std::string_view name) {
  return IsOneOf(name, {"script", "style", "title", "textarea"});
}

struct Tag {
  std::string name;  // lower case
  bool closing = false;
  std::string_view attributes;
  std::size_t end = 0;  // index after '>'
};

// The tag at `at` ('<' and a letter or '/'). A '>' inside quotes belongs to an attribute.
Tag ReadTag(std::string_view html, std::size_t at) {
  Tag tag;
  ++at;
  if (at < html.size() && html[at] == '/') {
    tag.closing = true;
    ++at;
  }
  const std::size_t name = at;
  while (at < html.size() && !IsSpace(html[at]) && html[at] != '>' && html[at] != '/') ++at;
  tag.name = LowerCase(html.substr(name, std::min(at - name, kLongestTagName)));
  const std::size_t attributes = at;
  char quote = 0;
  bool value_begins = false;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '>') break;
    if (value_begins && (c == '"' || c == '\'')) quote = c;
    value_begins = c == '=' || (value_begins && IsSpace(c));
  }
  tag.attributes = html.substr(attributes, at - attributes);
  tag.end = std::min(at + 1, html.size());
  return tag;
}

// Walks the attributes once; the value is decoded.
std::optional<std::string> Attribute(std::string_view rest, std::string_view wanted) {
  for (;;) {
    while (!rest.empty() && (IsSpace(rest.front()) || rest.front() == '/')) rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    const auto name_end = std::min(rest.find_first_of("= \t\r\n\f", 1), rest.size());
    const std::string name = LowerCase(rest.substr(0, name_end));
    rest.remove_prefix(name_end);
    while (!rest.empty() && IsSpace(rest.front())) rest.remove_prefix(1);
    std::string_view value;
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      while (!rest.empty() && IsSpace(rest.front())) rest.remove_prefix(1);
      const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
      const char quote = quoted ? rest.front() : ' ';
      if (quoted) rest.remove_prefix(1);
      const auto end = std::min(quoted ? rest.find(quote) : rest.find_first_of(" \t\r\n\f"), rest.size());
      value = rest.substr(0, end);
      rest.remove_prefix(std::min(end + (quoted ? 1 : 0), rest.size()));
    }
    if (name == wanted) return Decode(value);
  }
}

bool IsHidden(const Tag& tag) {
  if (Attribute(tag.attributes, "hidden")) return true;
  auto style = Attribute(tag.attributes, "style");
  if (!style) return false;
  std::erase_if(*style, IsSpace);
  return LowerCase(*style).find("display:none") != std::string::npos;
}

// Worth following by hand; a fragment or a script is not.
bool IsAddress(std::string_view url) {
  return std::ranges::any_of(std::array<std::string_view, 4>{"https://", "http://", "mailto:", "tel:"},
                             [&](std::string_view scheme) { return url.starts_with(scheme); });
}

class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html) {}
  std::string Run();

 private:
  std::size_t Markup(std::size_t at);
  void Apply(const Tag& tag);
  void Open(const Tag& tag);
  void Text(std::string_view text);
  bool Skip(const Tag& tag);
  std::size_t EndOfRaw(std::string_view name, std::size_t at) const;

  std::string_view html_;
  TextWriter writer_;
  std::string silent_;  // the element whose inside is being left out, and how many of its name are open
  std::size_t silent_depth_ = 0;
  std::size_t pre_depth_ = 0;
};

std::string Reader::Run() {
  for (std::size_t at = 0; at < html_.size();) {
    const auto mark = std::min(html_.find('<', at), html_.size());
    if (mark > at) Text(html_.substr(at, mark - at));
    at = mark < html_.size() ? Markup(mark) : mark;
  }
  writer_.CloseLink();
  return writer_.Take();
}

// Handles what begins with the '<' at `at` and returns where it ends.
std::size_t Reader::Markup(std::size_t at) {
  const std::string_view rest = html_.substr(at);
  if (rest.starts_with("<!--")) return std::min(html_.find("-->", at + 4), html_.size() - 3) + 3;
  if (rest.starts_with("<!") || rest.starts_with("<?")) return std::min(html_.find('>', at), html_.size() - 1) + 1;
  const std::size_t letter = rest.starts_with("</") ? 2 : 1;
  if (rest.size() <= letter || !IsLetter(rest[letter])) {
    Text("<");  // not a tag: "1 < 2"
    return at + 1;
  }
  const Tag tag = ReadTag(html_, at);
  if (!Skip(tag)) Apply(tag);
  return !tag.closing && IsRaw(tag.name) ? EndOfRaw(tag.name, tag.end) : tag.end;
}

// True while inside an element that is left out, and for the tags that open and close it.
bool Reader::Skip(const Tag& tag) {
  if (silent_depth_ > 0) {
    // A head that was never closed ends where the body begins.
    if (silent_ == "head" && tag.name == "body") {
      silent_depth_ = 0;
      return false;
    }
    if (tag.name == silent_) silent_depth_ += tag.closing ? std::size_t(-1) : std::size_t(1);
    return true;
  }
  if (tag.closing || IsVoid(tag.name) || !(IsSilent(tag.name) || IsHidden(tag))) return false;
  silent_ = tag.name;
  silent_depth_ = 1;
  return true;
}

std::size_t Reader::EndOfRaw(std::string_view name, std::size_t at) const {
  for (at = html_.find("</", at); at != std::string_view::npos; at = html_.find("</", at + 2)) {
    if (LowerCase(html_.substr(at + 2, name.size())) == name) return at;
  }
  return html_.size();
}

void Reader::Text(std::string_view text) {
  if (silent_depth_ > 0) return;
  const std::string decoded = Decode(text);
  if (pre_depth_ > 0) {
    writer_.Verbatim(decoded);
  } else {
    writer_.Flow(decoded);
  }
}

void Reader::Apply(const Tag& tag) {
  const std::string& name = tag.name;
  const bool heading = name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
  if (heading)
    return tag.closing ? writer_.CloseHeading(name == "h1" ? '=' : name == "h2" ? '-' : 0) : writer_.OpenHeading();
  if (name == "ul" || name == "ol") {
    if (tag.closing) writer_.CloseList();
    writer_.Break(writer_.InList() ? 1 : 2);
    if (!tag.closing) writer_.OpenList(name == "ol");
    return;
  }
  if (name == "pre") {
    writer_.Break(2);
    if (!tag.closing) return void(++pre_depth_);
    if (pre_depth_ > 0) --pre_depth_;
    return;
  }
  if (IsParagraph(name)) return writer_.Break(writer_.InList() ? 1 : 2);
  if (IsLine(name)) return writer_.Break(1);
  if (name == "a" && tag.closing) return writer_.CloseLink();
  if (!tag.closing) Open(tag);
}

void Reader::Open(const Tag& tag) {
  if (tag.name == "a") {
    std::string url = Attribute(tag.attributes, "href").value_or("");
    writer_.OpenLink(IsAddress(url) ? std::move(url) : std::string());
  } else if (tag.name == "br") {
    writer_.LineBreak();
  } else if (tag.name == "li") {
    writer_.Item();
  } else if (tag.name == "td" || tag.name == "th") {
    writer_.NextCell();
  } else if (tag.name == "img") {
    writer_.Flow(Attribute(tag.attributes, "alt").value_or(""));
  } else if (tag.name == "hr") {
    writer_.Break(2);
    writer_.Flow("----");
    writer_.Break(2);
  }
}

}  // namespace

std::string TextAlternative(std::string_view html) {
  return Reader(html).Run();
}

}  // namespace sealpost::templates
