#include "mailer/smtpd/command.h"

#include <algorithm>

namespace sealpost::smtpd {
namespace {

constexpr std::size_t kLocalPartOctets = 64;
constexpr std::size_t kMailboxOctets = 254;

char Upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), Upper);
  return upper;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Position of the first (or last) `wanted` outside double quotes.
std::size_t FindUnquoted(std::string_view text, char wanted, bool last) {
  std::size_t found = std::string_view::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == wanted) {
      found = i;
      if (!last) break;
    }
  }
  return found;
}

bool IsQuotedString(std::string_view local) {
  if (local.size() < 2 || local.front() != '"' || local.back() != '"') return false;
  const std::string_view inside = local.substr(1, local.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return false;
    if (inside[i] == '\\' && ++i == inside.size()) return false;
  }
  return true;
}

bool IsDotString(std::string_view local) {
  return !local.empty() && local.find_first_of(" \t\"(),:;<>@[\\]") == std::string_view::npos;
}

bool IsDomainOrLiteral(std::string_view domain) {
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
    return domain.substr(1, domain.size() - 2).find_first_of("[]\\ \t") == std::string_view::npos;
  }
  return !domain.empty() && std::ranges::all_of(domain, [](char c) {
    const bool alphanumeric = (Upper(c) >= 'A' && Upper(c) <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || c == '.' || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace

Command ParseCommand(std::string_view line) {
  const std::string_view text = Trim(line);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {ToUpper(text.substr(0, end)), std::string(Trim(text.substr(end)))};
}

std::optional<Path> ParsePath(std::string_view argument, std::string_view keyword) {
  if (ToUpper(argument.substr(0, keyword.size())) != keyword) return std::nullopt;
  // The grammar has no space here; enough clients write one.
  argument = Trim(argument.substr(keyword.size()));
  if (argument.empty() || argument.front() != '<') return std::nullopt;
  const std::size_t close = FindUnquoted(argument, '>', false);
  if (close == std::string_view::npos) return std::nullopt;

  Path path;
  std::string_view address = argument.substr(1, close - 1);
  if (!address.empty() && address.front() == '@') {
    const std::size_t colon = address.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    address.remove_prefix(colon + 1);
  }
  path.address = address;

  std::string_view rest = argument.substr(close + 1);
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return std::nullopt;
  for (rest = Trim(rest); !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    const std::size_t equals = std::min(word.find('='), word.size());
    path.parameters.emplace_back(ToUpper(word.substr(0, equals)),
                                 equals < word.size() ? word.substr(equals + 1) : std::string_view());
    rest = Trim(rest.substr(word.size()));
  }
  return path;
}

bool IsMailbox(std::string_view address) {
  if (address.size() > kMailboxOctets || std::ranges::any_of(address, IsControl)) return false;
  const std::size_t at = FindUnquoted(address, '@', true);
  if (at == std::string_view::npos || at == 0 || at > kLocalPartOctets) return false;
  const std::string_view local = address.substr(0, at);
  return (IsDotString(local) || IsQuotedString(local)) && IsDomainOrLiteral(address.substr(at + 1));
}

bool IsAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace sealpost::smtpd
