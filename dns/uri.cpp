#include "dns/uri.h"

#include <algorithm>
#include <optional>

#include "dns/characters.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsEscape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && text[at] == '%' && HexValue(text[at + 1]) >= 0 && HexValue(text[at + 2]) >= 0;
}

bool IsScheme(std::string_view text) {
  const auto inner = [](char c) { return IsAlphanumeric(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && IsAlpha(text.front()) && std::all_of(text.begin(), text.end(), inner);
}

// RFC 3986 2: unreserved, reserved, or a complete percent escape.
std::optional<std::string> CharacterProblem(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (IsAlphanumeric(c) || std::string_view("-._~:/?#[]@!$&'()*+,;=").find(c) != std::string_view::npos) continue;
    if (IsEscape(text, at)) continue;
    return "character " + std::to_string(at + 1) + " of the URI has to be percent-encoded";
  }
  return std::nullopt;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!IsEscape(text, at)) {
      decoded += text[at];
      continue;
    }
    decoded += static_cast<char>(HexValue(text[at + 1]) * 16 + HexValue(text[at + 2]));
    at += 2;
  }
  return decoded;
}

bool IsLocalPart(std::string_view text) {
  if (text.size() > 2 && text.front() == '"' && text.back() == '"') return true;
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c != 0x7f && std::string_view("@,;:<>()[]\\\"").find(c) == std::string_view::npos;
  });
}

std::expected<std::string, std::string> MailboxDomain(std::string_view path) {
  const std::string mailbox = PercentDecoded(path.substr(0, path.find_first_of("?#")));
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string::npos || !IsLocalPart(std::string_view(mailbox).substr(0, at)))
    return std::unexpected("behind \"mailto:\" stands no mailbox");
  const std::string domain = Lower(std::string_view(mailbox).substr(at + 1));
  if (!IsHostname(domain)) return std::unexpected("the mailbox has no valid domain");
  return domain;
}

// Empty for a URI without an authority (RFC 3986 3.2).
std::string_view AuthorityHost(std::string_view rest) {
  if (!rest.starts_with("//")) return {};
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t user = rest.rfind('@'); user != std::string_view::npos) rest.remove_prefix(user + 1);
  if (rest.starts_with('[')) return rest.substr(0, std::min(rest.find(']'), rest.size() - 1) + 1);
  return rest.substr(0, rest.find(':'));
}

}  // namespace

std::expected<Uri, std::string> ParseUri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsScheme(text.substr(0, colon)))
    return std::unexpected("no scheme such as \"mailto:\" in front");
  if (auto problem = CharacterProblem(text)) return std::unexpected(std::move(*problem));
  Uri uri{Lower(text.substr(0, colon)), {}};
  const std::string_view rest = text.substr(colon + 1);
  if (uri.scheme == "mailto") {
    auto domain = MailboxDomain(rest);
    if (!domain) return std::unexpected(std::move(domain.error()));
    uri.host = std::move(*domain);
    return uri;
  }
  uri.host = Lower(AuthorityHost(rest));
  const bool web = uri.scheme == "https" || uri.scheme == "http";
  if (web && uri.host.empty()) return std::unexpected("the URI names no host");
  return uri;
}

}  // namespace sealpost::dns
