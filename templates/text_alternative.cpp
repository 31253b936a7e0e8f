#include "templates/text_alternative.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace sealpost::templates {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

void AppendUtf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The names that mails use; any other stays as it is written.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 24> kEntities = {
    {{"amp", '&'},      {"lt", '<'},        {"gt", '>'},        {"quot", '"'},      {"apos", '\''},    {"nbsp", ' '},
     {"copy", 0xA9},    {"reg", 0xAE},      {"trade", 0x2122},  {"euro", 0x20AC},   {"pound", 0xA3},   {"hellip", 0x2026},
     {"mdash", 0x2014}, {"ndash", 0x2013},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"ldquo", 0x201C}, {"rdquo", 0x201D},
     {"bull", 0x2022},  {"middot", 0xB7},   {"times", 0xD7},    {"rarr", 0x2192},   {"larr", 0x2190},  {"deg", 0xB0}}};

std::optional<std::uint32_t> EntityCode(std::string_view name) {
  if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && Lower(name[1]) == 'x';
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return code == 0xA0 ? ' ' : code;
  }
  const auto found = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& entity) { return entity.first == name; });
  if (found == kEntities.end()) return std::nullopt;
  return found->second;
}

std::string DecodeEntities(std::string_view text) {
  constexpr std::size_t kLongestName = 10;
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      const std::size_t end = text.substr(i, kLongestName + 2).find(';');
      const auto code = end == std::string_view::npos ? std::nullopt : EntityCode(text.substr(i + 1, end - 1));
      if (code) {
        AppendUtf8(out, *code);
        i += end;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

// The value of an attribute inside a tag, decoded; empty if it has none.
std::string Attribute(std::string_view tag, std::string_view name) {
  const std::string lower = LowerCase(tag);
  for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
    if (at == 0 || !IsSpace(lower[at - 1])) continue;
    std::size_t i = at + name.size();
    while (i < tag.size() && IsSpace(tag[i])) ++i;
    if (i >= tag.size() || tag[i] != '=') continue;
    ++i;
    while (i < tag.size() && IsSpace(tag[i])) ++i;
    if (i >= tag.size()) return {};
    const char quote = tag[i];
    if (quote == '"' || quote == '\'') return DecodeEntities(tag.substr(i + 1, tag.find(quote, i + 1) - i - 1));
    return DecodeEntities(tag.substr(i, tag.find_first_of(" \t\r\n", i) - i));
  }
  return {};
}

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 14> kParagraphs = {"p",     "h1", "h2", "h3",         "h4",      "h5",      "h6",
                                                          "table", "ul", "ol", "blockquote", "section", "article", "pre"};
constexpr std::array<std::string_view, 7> kLines = {"div", "tr", "header", "footer", "main", "address", "dt"};
constexpr std::array<std::string_view, 4> kSkipped = {"script", "style", "head", "title"};

class Writer {
 public:
  void Text(std::string_view text) {
    const std::string decoded = DecodeEntities(text);
    for (const char c : decoded) {
      if (IsSpace(c)) {
        space_ = true;
      } else {
        Begin();
        out_ += c;
      }
    }
  }
  void Break(int lines) {
    breaks_ = std::max(breaks_, lines);
    space_ = false;
  }
  void Space() { space_ = true; }
  void Line() {  // <br>: each counts
    if (out_.empty()) return;
    breaks_ = std::min(breaks_ + 1, 2);
    space_ = false;
  }
  void Word(std::string_view word) {
    Begin();
    out_ += word;
  }
  void OpenLink(std::string url) {
    link_ = std::move(url);
    link_start_ = out_.size();
  }
  // "label (URL)", or the URL alone where the label says the same or nothing.
  void CloseLink() {
    const std::string url = std::exchange(link_, {});
    if (url.empty() || url.starts_with('#')) return;
    const std::string_view label = std::string_view(out_).substr(std::min(link_start_, out_.size()));
    const std::string_view shown = url.starts_with("mailto:") ? std::string_view(url).substr(7) : std::string_view(url);
    if (label.find(shown) != std::string_view::npos) return;
    if (label.find_first_not_of(" \n") == std::string_view::npos) {
      Word(shown);
    } else {
      out_ += " (" + std::string(shown) + ")";
    }
  }
  std::string Take() {
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  void Begin() {
    if (!out_.empty()) {
      if (breaks_ > 0) {
        out_.append(static_cast<std::size_t>(breaks_), '\n');
      } else if (space_ && out_.back() != ' ' && out_.back() != '\n') {
        out_ += ' ';
      }
    }
    breaks_ = 0;
    space_ = false;
  }

  std::string out_, link_;
  std::size_t link_start_ = 0;
  int breaks_ = 0;
  bool space_ = false;
};

void ApplyTag(std::string_view tag, std::string_view name, bool closing, Writer& writer) {
  if (Contains(kParagraphs, name)) return writer.Break(2);
  if (Contains(kLines, name)) return writer.Break(1);
  if (name == "br") return writer.Line();
  if (name == "td" || name == "th") return writer.Space();
  if (name == "a") return closing ? writer.CloseLink() : writer.OpenLink(Attribute(tag, "href"));
  if (closing) return;
  if (name == "li") {
    writer.Break(1);
    writer.Word("- ");
  } else if (name == "hr") {
    writer.Break(2);
    writer.Word("----");
    writer.Break(2);
  } else if (name == "img") {
    const std::string alt = Attribute(tag, "alt");
    if (!alt.empty()) writer.Text(alt);
  }
}

// Index behind the '>' that ends the tag at `at`; a '>' inside quotes does not end it.
std::size_t TagEnd(std::string_view html, std::size_t at) {
  char quote = 0;
  for (std::size_t i = at; i < html.size(); ++i) {
    if (quote != 0) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i];
    } else if (html[i] == '>') {
      return i + 1;
    }
  }
  return html.size();
}

}  // namespace

std::string TextAlternative(std::string_view html) {
  const std::string lower = LowerCase(html);
  Writer writer;
  std::size_t at = 0;
  while (at < html.size()) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    writer.Text(html.substr(at, open - at));
    if (open == html.size()) break;
    if (html.substr(open).starts_with("<!--")) {
      const std::size_t end = html.find("-->", open + 4);
      at = end == std::string_view::npos ? html.size() : end + 3;
      continue;
    }
    const bool closing = open + 1 < html.size() && html[open + 1] == '/';
    const std::size_t name_start = open + (closing ? 2 : 1);
    std::size_t name_end = name_start;
    while (name_end < lower.size() && ((lower[name_end] >= 'a' && lower[name_end] <= 'z') || (lower[name_end] >= '0' && lower[name_end] <= '9'))) {
      ++name_end;
    }
    if (name_end == name_start && !(name_start < html.size() && (html[name_start] == '!' || html[name_start] == '?'))) {
      writer.Text("<");  // a lone "<" is text
      at = open + 1;
      continue;
    }
    const std::string_view name = std::string_view(lower).substr(name_start, name_end - name_start);
    const std::size_t end = TagEnd(html, name_end);
    if (!closing && Contains(kSkipped, name)) {
      const std::size_t close = lower.find("</" + std::string(name), end);
      at = close == std::string::npos ? html.size() : TagEnd(html, close);
      continue;
    }
    ApplyTag(html.substr(name_end, end - name_end), name, closing, writer);
    at = end;
  }
  return writer.Take();
}

}  // namespace sealpost::templates
