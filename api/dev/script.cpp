#include "api/dev/script.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "api/dev/header_text.h"
#include "mailer/base/ascii.h"

namespace sealpost::dev {
namespace {

constexpr std::size_t kPatternBytes = 320;
constexpr std::size_t kReplyBytes = 500;
constexpr std::int64_t kMostTimes = 1'000'000;
constexpr std::array<std::pair<Stage, std::string_view>, 4> kStages = {
    {{Stage::kMail, "mail"}, {Stage::kRcpt, "rcpt"}, {Stage::kData, "data"}, {Stage::kDot, "dot"}}};

std::unexpected<base::Error> Invalid(const std::string& field, const std::string& message) {
  return base::Fail(base::ErrorKind::kInvalid, "`" + field + "` " + message, field);
}

// "451 4.7.1 later" (RFC 5321 4.2: 2yz to 5yz, second digit 0 to 5).
std::optional<smtpd::Answer> ReadReply(std::string_view text) {
  const auto is_digit = [](char c, char most) { return c >= '0' && c <= most; };
  if (text.size() < 3 || text.size() > kReplyBytes || text[0] < '2' || !is_digit(text[0], '5') ||
      !is_digit(text[1], '5') || !is_digit(text[2], '9') || (text.size() > 3 && text[3] != ' ')) {
    return std::nullopt;
  }
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return std::nullopt;
  const int code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  return smtpd::Answer{code, std::string(text.substr(std::min<std::size_t>(4, text.size())))};
}

bool FitsStage(int code, Stage stage) {
  if (code >= 400) return true;
  return stage == Stage::kData ? code == 354 : code / 100 == 2;
}

base::Result<void> RefuseUnknown(base::JsonView json) {
  static constexpr std::array<std::string_view, 4> kMembers = {"match", "reply", "times", "stage"};
  std::string unknown;
  json.ForEachMember([&](std::string_view key, base::JsonView) {
    if (std::ranges::find(kMembers, key) == kMembers.end()) unknown = key;
    return unknown.empty();
  });
  if (!unknown.empty()) return Invalid(unknown, "is not known here; there are match, reply, times and stage.");
  return {};
}

}  // namespace

std::string_view StageName(Stage stage) {
  return std::ranges::find(kStages, stage, &std::pair<Stage, std::string_view>::first)->second;
}

base::Result<ScriptedAnswer> ReadScriptedAnswer(base::JsonView json) {
  if (!json.IsObject()) return base::Fail(base::ErrorKind::kInvalid, "The body must be a JSON object.");
  if (const auto known = RefuseUnknown(json); !known) return std::unexpected(known.error());
  ScriptedAnswer answer;
  const auto match = json["match"].String();
  if (!match || match->empty() || match->size() > kPatternBytes) {
    return Invalid("match", "must be an address pattern such as *@example.com.");
  }
  answer.match = *match;
  if (const base::JsonView stage = json["stage"]; stage.Exists()) {
    const std::string_view name = stage.String().value_or("");
    const auto found = std::ranges::find(kStages, name, &std::pair<Stage, std::string_view>::second);
    if (found == kStages.end()) return Invalid("stage", "must be one of mail, rcpt, data, dot.");
    answer.stage = found->first;
  }
  const auto reply = ReadReply(json["reply"].String().value_or(""));
  if (!reply) return Invalid("reply", "must be an SMTP reply on one line, such as \"451 4.7.1 later\".");
  if (!FitsStage(reply->code, answer.stage)) {
    return Invalid("reply", "must be 4xx or 5xx, or what the stage answers when all is well (data: 354, others: 2xx).");
  }
  answer.reply = *reply;
  if (const base::JsonView times = json["times"]; times.Exists()) {
    answer.times = times.Integer().value_or(0);
    if (answer.times < 1 || answer.times > kMostTimes) {
      return Invalid("times", "must be a whole number from 1 to 1000000.");
    }
  }
  return answer;
}

void WriteScriptedAnswer(base::JsonWriter& json, const ScriptedAnswer& answer) {
  json.BeginObject().Key("match").String(answer.match);
  json.Key("reply").String(std::to_string(answer.reply.code) + (answer.reply.text.empty() ? "" : " ") +
                           answer.reply.text);
  json.Key("times").Integer(answer.times).Key("stage").String(StageName(answer.stage)).EndObject();
}

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  const std::string wanted = base::ToLower(pattern), given = base::ToLower(text);
  std::size_t p = 0, t = 0, star = std::string::npos, resume = 0;
  while (t < given.size()) {
    if (p < wanted.size() && wanted[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < wanted.size() && wanted[p] == given[t]) {
      ++p, ++t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return wanted.find_first_not_of('*', p) == std::string::npos;
}

base::Result<void> Script::Add(ScriptedAnswer answer) {
  auto answers = answers_.Lock();
  if (answers->size() >= kMostAnswers) {
    return base::Fail(base::ErrorKind::kInvalid,
                      "There are 1000 scripted answers already: DELETE /x/dev/catcher first.");
  }
  answers->push_back(std::move(answer));
  return {};
}

std::vector<ScriptedAnswer> Script::List() const {
  auto answers = answers_.Lock();
  return {answers->begin(), answers->end()};
}

std::size_t Script::Clear() {
  return std::exchange(*answers_.Lock(), {}).size();
}

std::optional<smtpd::Answer> Script::Take(Stage stage, const std::vector<std::string>& addresses) {
  auto answers = answers_.Lock();
  const auto found = std::ranges::find_if(*answers, [&](const ScriptedAnswer& answer) {
    return answer.stage == stage && std::ranges::any_of(addresses, [&](const std::string& address) {
             return MatchesPattern(answer.match, address);
           });
  });
  if (found == answers->end()) return std::nullopt;
  const smtpd::Answer reply = found->reply;
  if (--found->times == 0) answers->erase(found);
  return reply;
}

}  // namespace sealpost::dev
