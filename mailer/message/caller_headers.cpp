#include "mailer/message/caller_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "mailer/base/ascii.h"
#include "mailer/message/checks.h"
#include "mailer/message/compose.h"
#include "mailer/message/headers.h"

namespace sealpost::message {

namespace {

constexpr std::size_t kNameAtMost = 76;

// Lower case and sorted.
constexpr std::array<std::string_view, 21> kReservedNames = {"apparently-to",
                                                             "authentication-results",
                                                             "auto-submitted",
                                                             "bcc",
                                                             "cc",
                                                             "date",
                                                             "delivered-to",
                                                             "domainkey-signature",
                                                             "envelope-to",
                                                             "feedback-id",
                                                             "from",
                                                             "message-id",
                                                             "mime-version",
                                                             "original-recipient",
                                                             "received",
                                                             "received-spf",
                                                             "reply-to",
                                                             "return-path",
                                                             "sender",
                                                             "subject",
                                                             "to"};
static_assert(std::is_sorted(kReservedNames.begin(), kReservedNames.end()));
constexpr std::array<std::string_view, 6> kReservedPrefixes = {"arc-",  "content-", "dkim-",
                                                               "list-", "resent-",  "x-sealpost-"};

// Fields whose grammar has no place for encoded-words and that a message has at most once.
constexpr std::array<std::string_view, 9> kStructuredNames = {
    "disposition-notification-to", "expires",    "importance", "in-reply-to", "precedence", "priority", "references",
    "return-receipt-to",           "sensitivity"};
static_assert(std::is_sorted(kStructuredNames.begin(), kStructuredNames.end()));

bool IsUnsubscribe(std::string_view lower) {
  return lower == "list-unsubscribe" || lower == "list-unsubscribe-post";
}

std::unexpected<base::Error> RefuseHeader(const std::string& name, const std::string& what) {
  return base::Fail(base::ErrorKind::kInvalid, "The header `" + name + "` " + what, "headers/" + name);
}

// Less than RFC 5322 3.6.8 allows: a ";" would end the h= of a DKIM signature, and relays stumble over the rest.
bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

base::Result<void> CheckName(const std::string& name, bool has_list) {
  if (name.empty() || name.size() > kNameAtMost || !IsVisibleAscii(name)) {
    return base::Fail(base::ErrorKind::kInvalid,
                      "A header name in `headers` is malformed: use 1 to 76 letters, digits, hyphens, underscores and "
                      "dots.",
                      "headers");
  }
  if (!std::ranges::all_of(name, IsTokenCharacter)) {
    return RefuseHeader(name,
                        "has a character that a name cannot have: use letters, digits, hyphens, underscores and dots.");
  }
  if (IsReservedHeader(name)) return RefuseHeader(name, "is set by the service; leave it out.");
  if (has_list && IsUnsubscribe(base::ToLower(name))) {
    return RefuseHeader(name,
                        "is set by the service for a message with a topic; leave it out, or send without the topic.");
  }
  return {};
}

// "<URI>, <URI>": never encoded, broken only at the commas (RFC 2369 2, RFC 2047 5).
base::Result<void> AppendUnsubscribe(std::string& out, const std::string& name, std::string_view value) {
  std::string words;
  while (!value.empty()) {
    const std::size_t close = value.find('>');
    const bool is_bracketed = value.starts_with('<') && close != std::string_view::npos;
    if (!is_bracketed || !IsUri(value.substr(1, close - 1))) break;
    words += value.substr(0, close + 1);
    value.remove_prefix(close + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (value.empty()) {
      AppendWords(out, name, words);
      return {};
    }
    if (!value.starts_with(',')) break;
    value.remove_prefix(1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    words += ", ";
  }
  return RefuseHeader(
      name, "must be one or more <URI> (https, http or mailto, 900 octets at most each), separated by commas.");
}

base::Result<void> AppendStructured(std::string& out, const std::string& name, std::string_view value) {
  std::size_t word = 0;
  for (const char c : value) {
    if (c != ' ' && c != '\t' && !IsVisibleAscii({&c, 1})) return RefuseHeader(name, "takes printable ASCII only.");
    word = c == ' ' || c == '\t' ? 0 : word + 1;
    if (word > kWordAtMost) return RefuseHeader(name, "holds more than 900 octets without a space.");
  }
  AppendWords(out, name, value);
  return {};
}

base::Result<void> AppendOne(std::string& out, const std::string& name, std::string_view value) {
  const std::string lower = base::ToLower(name);
  if (lower == "list-unsubscribe") return AppendUnsubscribe(out, name, value);
  if (lower == "list-unsubscribe-post") {
    if (value != "List-Unsubscribe=One-Click")
      return RefuseHeader(name, "must be `List-Unsubscribe=One-Click` (RFC 8058).");
    AppendWords(out, name, value);
    return {};
  }
  if (std::binary_search(kStructuredNames.begin(), kStructuredNames.end(), std::string_view(lower))) {
    return AppendStructured(out, name, value);
  }
  AppendText(out, name, value);
  return {};
}

}  // namespace

bool IsReservedHeader(std::string_view name) {
  const std::string lower = base::ToLower(name);
  if (IsUnsubscribe(lower)) return false;
  return std::binary_search(kReservedNames.begin(), kReservedNames.end(), std::string_view(lower)) ||
         std::any_of(kReservedPrefixes.begin(), kReservedPrefixes.end(),
                     [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

base::Result<void> AppendCallerHeaders(std::string& out,
                                       const std::vector<std::pair<std::string, std::string>>& headers, bool has_list) {
  std::vector<std::string> singles;
  for (const auto& [name, value] : headers) {
    if (const auto check = CheckName(name, has_list); !check) return check;
    if (const auto check = CheckHeaderValue(value, "headers/" + name); !check) return check;
    const std::string lower = base::ToLower(name);
    if (IsUnsubscribe(lower) ||
        std::binary_search(kStructuredNames.begin(), kStructuredNames.end(), std::string_view(lower))) {
      if (std::find(singles.begin(), singles.end(), lower) != singles.end())
        return RefuseHeader(name, "is given twice.");
      singles.push_back(lower);
    }
    if (const auto appended = AppendOne(out, name, value); !appended) return appended;
  }
  return {};
}

}  // namespace sealpost::message
