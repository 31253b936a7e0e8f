// Scripted answers of the catcher: what an application should see when a mail server says no, or not yet.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/guarded.h"
#include "mailer/base/json.h"
#include "mailer/smtpd/server.h"

namespace sealpost::dev {

enum class Stage { kMail, kRcpt, kData, kDot };
std::string_view StageName(Stage stage);  // "mail", "rcpt", "data", "dot"

struct ScriptedAnswer {
  std::string match;  // address pattern, * stands for anything; kMail: the sender, otherwise a recipient
  smtpd::Answer reply;
  std::int64_t times = 1;  // how often it is still given
  Stage stage = Stage::kRcpt;
};

// {"match": "*@example.com", "reply": "451 4.7.1 later", "times": 2, "stage": "rcpt"}; times and stage may be left out.
// Errors name the member.
base::Result<ScriptedAnswer> ReadScriptedAnswer(base::JsonView json);
void WriteScriptedAnswer(base::JsonWriter& json, const ScriptedAnswer& answer);

// Any case; * stands for any run of characters.
bool MatchesPattern(std::string_view pattern, std::string_view text);

// Thread safe. The oldest answer that matches is given; one that was given `times` times is gone.
class Script {
 public:
  static constexpr std::size_t kMostAnswers = 1000;

  // kInvalid beyond kMostAnswers.
  base::Result<void> Add(ScriptedAnswer answer);
  std::vector<ScriptedAnswer> List() const;
  std::size_t Clear();  // how many there were
  // Takes one use of the first answer for this stage that matches one of the addresses.
  std::optional<smtpd::Answer> Take(Stage stage, const std::vector<std::string>& addresses);

 private:
  mutable base::Guarded<std::deque<ScriptedAnswer>> answers_;
};

}  // namespace sealpost::dev
