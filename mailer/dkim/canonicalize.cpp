#include "mailer/dkim/canonicalize.h"

#include <cstddef>

namespace sealpost::dkim {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t';
}

char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view WithoutTrailingSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Copies whole stretches that are canonical already, because nearly all of a message is. `line` ends without space.
void AppendCollapsed(std::string_view line, std::string& out) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!IsSpace(line[i])) continue;
    if (line[i] == ' ' && !IsSpace(line[i + 1])) continue;
    out.append(line, copied, i - copied);
    out.push_back(' ');
    while (IsSpace(line[i + 1])) ++i;
    copied = i + 1;
  }
  out.append(line, copied);
}

}  // namespace

void AppendRelaxedField(std::string_view name, std::string_view value, std::string& out) {
  for (const char c : WithoutTrailingSpace(name)) out.push_back(ToLower(c));
  out.push_back(':');
  bool space = false;
  bool begun = false;
  for (const char c : value) {
    // Unfolding takes the line ends out; the white space that must follow them stands for the fold.
    if (c == '\r' || c == '\n') continue;
    if (IsSpace(c)) {
      space = begun;
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    begun = true;
    out.push_back(c);
  }
}

std::string RelaxedBody(std::string_view body) {
  std::string out;
  out.reserve(body.size() + 2);
  std::size_t content = 0;  // up to here there is more than empty lines
  while (!body.empty()) {
    const std::size_t end = body.find("\r\n");
    AppendCollapsed(WithoutTrailingSpace(body.substr(0, end)), out);
    const bool empty = out.empty() || out.ends_with("\r\n");
    out += "\r\n";
    if (!empty) content = out.size();
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 2);
  }
  out.resize(content);
  return out;
}

}  // namespace sealpost::dkim
