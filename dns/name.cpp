#include "dns/name.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "dns/characters.h"
#include "dns/ip.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;  // 255 on the wire less the first length and the root
constexpr std::size_t kMaxShown = 100;

using IdnText = std::unique_ptr<char, decltype([](char* text) noexcept { idn2_free(text); })>;

char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Position of the dot that ends the first label, or npos; a dot behind a backslash belongs to the label.
std::size_t FirstDot(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\') {
      ++i;
    } else if (name[i] == '.') {
      return i;
    }
  }
  return name.npos;
}

// Bytes on the wire.
std::size_t LabelLength(std::string_view label) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < label.size(); ++i, ++length) {
    if (label[i] == '\\') ++i;
  }
  return length;
}

std::string QuotedName(std::string_view text) {
  std::size_t end = std::min(text.size(), kMaxShown);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  std::string shown(text.substr(0, end));
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return "\"" + shown + (end < text.size() ? "...\"" : "\"");
}

std::string LabelFault(std::string_view label) {
  if (label.empty()) return "two dots follow each other, or it begins with one";
  if (LabelLength(label) > kMaxLabel) return "the label " + QuotedName(label) + " is longer than 63 characters";
  if (label.front() == '-' || label.back() == '-')
    return "the label " + QuotedName(label) + " begins or ends with a hyphen";
  const auto bad = std::ranges::find_if_not(label, [](char c) { return IsAlphanumeric(c) || c == '-'; });
  if (bad != label.end()) return "the character " + QuotedName({bad, 1}) + " cannot stand in a domain";
  return "";
}

// What keeps ASCII text from being a domain; empty if nothing does.
std::string DomainFault(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (ParseIp(name)) return "it is an IP address";
  if (name.contains("://")) return "it is a URL; give only the domain in it";
  if (const std::size_t at = name.rfind('@'); at != name.npos) return "it is an address; give only what follows the @";
  if (name.size() > kMaxName) return "it is longer than 253 characters";
  const std::vector<std::string_view> labels = Labels(name);
  for (const std::string_view label : labels) {
    if (std::string fault = LabelFault(label); !fault.empty()) return fault;
  }
  if (labels.size() < 2) return "it has no dot; give the full domain, such as example.com";
  if (!IsHostname(name)) return "its last label is a number";
  return "";
}

// libidn2 refuses what IDNA 2008 disallows; its STD3 flag stays off, because that deletes forbidden characters instead
// and a_b.example would become another domain.
std::expected<std::string, std::string> Encode(std::string_view text) {
  if (text.contains('\0')) return std::unexpected("it holds a NUL");
  char* result = nullptr;
  const int code = idn2_to_ascii_8z(std::string(text).c_str(), &result, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const IdnText owner(result);
  if (code != IDN2_OK) return std::unexpected(std::string("IDNA 2008 does not allow it (") + idn2_strerror(code) + ")");
  return std::string(result);
}

}  // namespace

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), LowerCase);
  return lower;
}

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, LowerCase, LowerCase);
}

bool IsWithin(std::string_view name, std::string_view ancestor) {
  if (ancestor.empty() || SameName(name, ancestor)) return true;
  if (name.size() <= ancestor.size()) return false;
  // Label by label, because the dot before a matching end may belong to a label.
  std::string_view rest = name;
  while (rest.size() > ancestor.size()) rest = Parent(rest);
  return SameName(rest, ancestor);
}

std::vector<std::string_view> Labels(std::string_view name) {
  std::vector<std::string_view> labels;
  if (name.empty()) return labels;
  for (std::size_t dot = FirstDot(name); dot != name.npos; dot = FirstDot(name)) {
    labels.push_back(name.substr(0, dot));
    name.remove_prefix(dot + 1);
  }
  labels.push_back(name);
  return labels;
}

std::string_view Parent(std::string_view name) {
  const std::size_t dot = FirstDot(name);
  return dot == name.npos ? std::string_view() : name.substr(dot + 1);
}

bool IsQueryable(std::string_view name) {
  std::size_t length = 0;
  for (const std::string_view label : Labels(name)) {
    const std::size_t bytes = LabelLength(label);
    if (bytes == 0 || bytes > kMaxLabel) return false;
    length += bytes + 1;
  }
  return length > 0 && length - 1 <= kMaxName;
}

bool IsHostname(std::string_view name) {
  const std::vector<std::string_view> labels = Labels(name);
  return IsQueryable(name) && labels.size() >= 2 && !std::ranges::all_of(labels.back(), IsDigit) &&
         std::ranges::all_of(labels, [](std::string_view label) { return LabelFault(label).empty(); });
}

std::expected<std::string, std::string> ToAscii(std::string_view typed) {
  const auto refuse = [&](const std::string& why) {
    return std::unexpected(QuotedName(typed) + " is not a domain: " + why + ".");
  };
  std::string name(typed);
  if (!IsAscii(typed)) {
    auto encoded = Encode(typed);
    if (!encoded) return refuse(encoded.error());
    name = std::move(*encoded);
  }
  // After the mapping, because an ideographic full stop is a dot too.
  if (name.ends_with('.')) name.pop_back();
  if (const std::string fault = DomainFault(name); !fault.empty()) return refuse(fault);
  return Lower(name);
}

std::string ToUnicode(std::string_view name) {
  std::string text(name);
  if (text.contains('\0')) return text;
  char* result = nullptr;
  const int code = idn2_to_unicode_8z8z(text.c_str(), &result, 0);
  const IdnText owner(result);
  return code == IDN2_OK ? std::string(result) : text;
}

}  // namespace sealpost::dns
