#include "api/app/trace_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "mailer/base/files.h"
#include "mailer/base/json.h"
#include "mailer/base/nearest.h"
#include "mailer/model/address.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;
using base::JsonView;
using Read = base::Result<void>;
using ratelimit::TraceEntry;

constexpr std::size_t kTraceBytesAtMost = 1u << 30;
constexpr double kSecondsAtMost = 1e10;  // beyond every Unix time in seconds, and below those in milliseconds

constexpr std::array<std::string_view, 13> kMembers{"t",         "to",      "category",  "client_ip",          "key",
                                                    "template",  "inviter", "workspace", "workspace_verified", "trust",
                                                    "confirmed", "content", "legitimate"};

std::unexpected<base::Error> Bad(std::string_view member, const std::string& sentence) {
  return Fail(ErrorKind::kInvalid, std::string(member) + ": " + sentence, std::string(member));
}

bool Absent(JsonView value) {
  return !value.Exists() || value.IsNull();
}

Read ReadText(JsonView line, std::string_view member, std::string& into) {
  const JsonView value = line[member];
  if (Absent(value)) return {};
  const auto text = value.String();
  if (!text) return Bad(member, "must be a string, not " + std::string(value.TypeName()));
  into = *text;
  return {};
}

Read ReadFlag(JsonView line, std::string_view member, bool& into) {
  const JsonView value = line[member];
  if (Absent(value)) return {};
  const auto flag = value.Bool();
  if (!flag) return Bad(member, "must be true or false, not " + std::string(value.TypeName()));
  into = *flag;
  return {};
}

Read ReadTime(JsonView line, TraceEntry& entry) {
  const JsonView value = line["t"];
  if (Absent(value)) return Bad("t", "is missing; it is the time in seconds");
  const auto seconds = value.Number();
  if (!seconds) return Bad("t", "must be a number of seconds, not " + std::string(value.TypeName()));
  if (!(*seconds >= 0 && *seconds <= kSecondsAtMost)) return Bad("t", "must be seconds from 0 to 10000000000");
  entry.at = std::llround(*seconds * 1000);
  return {};
}

Read ReadRecipient(JsonView line, TraceEntry& entry) {
  std::string to;
  if (auto read = ReadText(line, "to", to); !read) return read;
  if (to.empty()) return Bad("to", "is missing; it is the address of the recipient");
  auto mailbox = model::ParseMailbox(to);
  if (!mailbox) return Bad("to", mailbox.error().message);
  entry.local = std::move(mailbox->address.local);
  entry.domain = std::move(mailbox->address.domain);
  return {};
}

Read ReadCategory(JsonView line, const ratelimit::Policy& policy, TraceEntry& entry) {
  std::string name;
  if (auto read = ReadText(line, "category", name); !read) return read;
  if (name.empty()) return Bad("category", "is missing; \"uncategorized\" is one");
  const auto category = policy.Find(name);
  if (category) {
    entry.category = *category;
    return {};
  }
  std::vector<std::string_view> known;
  for (const auto& own : policy.categories) known.push_back(policy.NameOf(own.category));
  return Bad("category", "the policy has no category of this name" + base::DidYouMean(name, known));
}

Read ReadTrust(JsonView line, TraceEntry& entry) {
  std::string word;
  if (auto read = ReadText(line, "trust", word); !read) return read;
  const auto trust = ratelimit::ParseTrust(word);
  if (!trust) return Bad("trust", "must be " + std::string(ratelimit::kTrustWords) + ", or absent");
  entry.trust = *trust;
  return {};
}

Read RefuseMisspelt(JsonView line) {
  Read read;
  line.ForEachMember([&read](std::string_view name, JsonView) {
    if (std::ranges::find(kMembers, name) != kMembers.end()) return true;
    const std::string_view nearest = base::Nearest(name, kMembers);
    const std::size_t slips = nearest.size() < 6 ? 1 : 2;
    if (nearest.size() < 3 || base::EditDistance(name, nearest) > slips) return true;
    read = Bad(nearest, "is misspelt as " + std::string(name));
    return false;
  });
  return read;
}

Read ReadLine(std::string_view text, const ratelimit::Policy& policy, TraceEntry& entry) {
  const auto document = base::JsonDocument::Parse(text);
  if (!document) return Fail(ErrorKind::kInvalid, "this line is not JSON");
  const JsonView line = document->Root();
  if (!line.IsObject())
    return Fail(ErrorKind::kInvalid, "a line is a JSON object, not " + std::string(line.TypeName()));
  // In the order of telling: the first that is wrong is reported.
  const Read reads[] = {RefuseMisspelt(line),
                        ReadTime(line, entry),
                        ReadRecipient(line, entry),
                        ReadCategory(line, policy, entry),
                        ReadTrust(line, entry),
                        ReadText(line, "client_ip", entry.client_ip),
                        ReadText(line, "key", entry.key),
                        ReadText(line, "template", entry.template_name),
                        ReadText(line, "inviter", entry.inviter),
                        ReadText(line, "workspace", entry.workspace),
                        ReadText(line, "content", entry.content),
                        ReadFlag(line, "workspace_verified", entry.workspace_verified),
                        ReadFlag(line, "confirmed", entry.confirmed),
                        ReadFlag(line, "legitimate", entry.legitimate)};
  const auto* const wrong = std::ranges::find_if(reads, [](const Read& read) { return !read.has_value(); });
  return wrong == std::end(reads) ? Read() : *wrong;
}

}  // namespace

base::Result<ratelimit::Trace> ParseTrace(std::string_view text, const std::string& path,
                                          const ratelimit::Policy& policy) {
  ratelimit::Trace trace;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    TraceEntry entry{.line = number, .local = {}, .domain = {}};
    if (auto read = ReadLine(line, policy, entry); !read) {
      read.error().message = path + ":" + std::to_string(number) + ": " + read.error().message;
      return std::unexpected(std::move(read.error()));
    }
    trace.push_back(std::move(entry));
  }
  return trace;
}

base::Result<ratelimit::Trace> ReadTrace(const std::string& path, const ratelimit::Policy& policy) {
  const auto text = base::ReadFile(path, kTraceBytesAtMost);
  if (!text) return std::unexpected(text.error());
  return ParseTrace(*text, path, policy);
}

}  // namespace sealpost::app
