#include "dns/mta_sts.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "dns/characters.h"
#include "dns/name.h"
#include "dns/tag_list.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMaxBody = 65536;  // RFC 8461 3.3 advises senders to stop there
constexpr std::size_t kMaxId = 32;
constexpr std::size_t kMaxAgeDigits = 10;
constexpr std::uint64_t kMaxAge = 31557600;

bool IsKey(std::string_view name) {
  const auto inner = [](char c) { return IsAlphanumeric(c) || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= 32 && IsAlphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(), inner);
}

std::string QuotedExcerpt(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string shown = "\"";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), byte < 0x20 || byte > 0x7e ? "\\x%02X" : "%c", byte);
    shown += escaped.data();
  }
  return shown + (text.size() > kShown ? "...\"" : "\"");
}

using LineProblem = std::optional<std::string>;

class PolicyReader {
 public:
  // One line without its end.
  LineProblem ReadLine(std::string_view line) {
    if (line.empty()) return "is empty";
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsKey(line.substr(0, colon)))
      return QuotedExcerpt(line) + " is not \"key: value\"";
    const std::string key(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (value.find_first_of(std::string_view("\0\r", 2)) != std::string_view::npos)
      return QuotedExcerpt(value) + " holds a NUL or a CR";
    if (value.empty()) return key + " has no value";
    if (value.back() == ' ' || value.back() == '\t') return key + " ends in a blank";
    return ReadField(key, value);
  }

  std::expected<StsPolicy, std::string> Finish() {
    if (!version_) return std::unexpected("no \"version: STSv1\"");
    if (!mode_) return std::unexpected("no \"mode\"");
    if (!max_age_) return std::unexpected("no \"max_age\"");
    if (policy_.mx.empty() && *mode_ != StsMode::kNone)
      return std::unexpected("no \"mx\", which only \"mode: none\" may do without");
    policy_.mode = *mode_;
    policy_.max_age = *max_age_;
    return std::move(policy_);
  }

 private:
  LineProblem ReadField(const std::string& key, std::string_view value) {
    if (key == "mx") return ReadMx(value);
    if (key == "version") return version_ ? std::nullopt : ReadVersion(value);
    if (key == "mode") return mode_ ? std::nullopt : ReadMode(value);
    if (key == "max_age") return max_age_ ? std::nullopt : ReadMaxAge(value);
    policy_.unknown_fields.push_back(key);
    return std::nullopt;
  }

  LineProblem ReadVersion(std::string_view value) {
    if (value != "STSv1") return "version is " + QuotedExcerpt(value) + ", not STSv1";
    version_ = true;
    return std::nullopt;
  }

  LineProblem ReadMode(std::string_view value) {
    if (value == "enforce") mode_ = StsMode::kEnforce;
    if (value == "testing") mode_ = StsMode::kTesting;
    if (value == "none") mode_ = StsMode::kNone;
    return mode_ ? std::nullopt : LineProblem("mode is " + QuotedExcerpt(value) + ", not enforce, testing or none");
  }

  LineProblem ReadMx(std::string_view value) {
    const std::string_view name = value.starts_with("*.") ? value.substr(2) : value;
    if (!IsHostname(name)) return "mx is " + QuotedExcerpt(value) + ", not a host name or \"*.\" and one";
    policy_.mx.push_back(Lower(value));
    return std::nullopt;
  }

  LineProblem ReadMaxAge(std::string_view value) {
    const bool digits = std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || value.size() > kMaxAgeDigits) return "max_age is " + QuotedExcerpt(value) + ", not 1 to 10 digits";
    std::uint64_t seconds = 0;
    for (const char c : value) seconds = seconds * 10 + static_cast<std::uint64_t>(c - '0');
    if (seconds > kMaxAge) return "max_age is " + std::string(value) + ", more than a year (31557600)";
    max_age_ = static_cast<std::uint32_t>(seconds);
    return std::nullopt;
  }

  StsPolicy policy_;
  bool version_ = false;
  std::optional<StsMode> mode_;
  std::optional<std::uint32_t> max_age_;
};

}  // namespace

bool IsStsRecord(std::string_view text) {
  return text.starts_with("v=STSv1;");
}

std::expected<std::string, std::string> ParseStsRecord(std::string_view text) {
  if (!IsStsRecord(text)) return std::unexpected("does not begin with \"v=STSv1;\"");
  const auto fields = ParseFieldList(text);
  if (!fields) return std::unexpected(ToString(fields.error()));
  const Tag* id = fields->Find("id");
  if (!id) return std::unexpected("no id=");
  const auto twice = fields->Duplicates();
  if (std::find(twice.begin(), twice.end(), "id") != twice.end()) return std::unexpected("id= stands more than once");
  const bool valid = id->value.size() <= kMaxId && std::all_of(id->value.begin(), id->value.end(), IsAlphanumeric);
  if (!valid) return std::unexpected("id=" + id->value + " is not 1 to 32 letters and digits");
  return id->value;
}

std::expected<StsPolicy, std::string> ParseStsPolicy(std::string_view body) {
  if (body.size() > kMaxBody) return std::unexpected("longer than 64 KiB");
  if (body.empty()) return std::unexpected("the file is empty");
  PolicyReader reader;
  std::size_t number = 0;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    const bool ended = end < body.size();
    if (ended && line.ends_with('\r')) line.remove_suffix(1);
    body.remove_prefix(ended ? end + 1 : end);
    ++number;
    if (auto problem = reader.ReadLine(line))
      return std::unexpected("line " + std::to_string(number) + ": " + std::move(*problem));
  }
  return reader.Finish();
}

bool StsMatches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return SameName(pattern, host);
  const std::string_view parent = Parent(host);
  return !parent.empty() && SameName(pattern.substr(2), parent);
}

}  // namespace sealpost::dns
