#include "mailer/dkim/fields.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace sealpost::dkim {
namespace {

using base::ErrorKind;
using base::Fail;

bool HasBareLineEnd(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  for (std::size_t at = text.find('\r'); at != text.npos; at = text.find('\r', at + 1)) {
    if (at + 1 == text.size() || text[at + 1] != '\n') return true;
  }
  return false;
}

bool BeginsFolded(std::string_view line) {
  return !line.empty() && (line.front() == ' ' || line.front() == '\t');
}

// Takes one field with its folded lines off the front of the header.
std::string_view TakeField(std::string_view& rest) {
  std::size_t end = rest.find("\r\n");
  while (end != rest.npos && BeginsFolded(rest.substr(end + 2))) end = rest.find("\r\n", end + 2);
  const std::string_view field = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view() : rest.substr(end + 2);
  return field;
}

std::optional<Field> ReadField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  std::string_view name = line.substr(0, colon);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f' && c != ';'; });
  if (name.empty() || !printable) return std::nullopt;
  return Field{name, line.substr(colon + 1)};
}

}  // namespace

base::Result<MessageParts> SplitMessage(std::string_view message) {
  if (HasBareLineEnd(message)) {
    return Fail(ErrorKind::kInvalid, "the message has a CR or LF that is no CRLF: write every line end as CRLF");
  }
  MessageParts parts;
  while (!message.empty() && !message.starts_with("\r\n")) {
    const auto field = ReadField(TakeField(message));
    if (!field) {
      return Fail(ErrorKind::kInvalid, "header field " + std::to_string(parts.fields.size() + 1) +
                                           " is not of the form Name: value (RFC 5322 2.2)");
    }
    parts.fields.push_back(*field);
  }
  if (!message.empty()) parts.body = message.substr(2);
  return parts;
}

}  // namespace sealpost::dkim
