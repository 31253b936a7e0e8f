#include "api/resources/limit_state_json.h"

#include <ranges>

#include "api/resources/limit_events.h"
#include "api/resources/limits.h"
#include "mailer/base/json.h"

namespace sealpost::resources {

namespace {

using ratelimit::Explanation;

std::string TimeText(std::int64_t millis) {
  return millis == 0 ? std::string() : base::ToRfc3339(base::FromMillis(millis));
}

bool IsFull(const Explanation::Usage& usage) {
  return usage.limit.mode == ratelimit::Mode::kEnforce && usage.used >= usage.limit.count;
}

// A rule of the attack judges only while there is one.
bool Judges(const Explanation& explanation, const Explanation::Usage& usage) {
  return explanation.under_attack_since != 0 || !usage.rule.starts_with("attack-");
}

void WriteWhy(base::JsonWriter& writer, const Explanation& explanation) {
  writer.Key("why").BeginArray();
  if (explanation.blocked_until != 0) {
    writer.String("Blocked until " + TimeText(explanation.blocked_until) +
                  ": only trusted mail and security alerts go.");
  }
  if (explanation.under_attack_since != 0) {
    writer.String("Under attack since " + TimeText(explanation.under_attack_since) + ": " +
                  std::to_string(explanation.refusals_last_hour) + " refusals in the last hour.");
  }
  for (const auto& usage : explanation.rules) {
    if (!IsFull(usage) || !Judges(explanation, usage)) continue;
    writer.String(usage.rule + " is full: " + std::to_string(usage.used) + " of " + std::to_string(usage.limit.count) +
                  (usage.reset_at == 0 ? "." : ", room again at " + TimeText(usage.reset_at) + "."));
  }
  writer.EndArray();
}

void WriteRules(base::JsonWriter& writer, const Explanation& explanation) {
  writer.Key("rules").BeginArray();
  for (const auto& usage : explanation.rules) {
    writer.BeginObject().Key("policy").String(usage.rule).Key("scope").String(usage.scope);
    writer.Key("mode").String(ModeName(usage.limit.mode)).Key("window").Integer(usage.limit.window.count());
    writer.Key("used").Integer(usage.used).Key("limit").Integer(usage.limit.count);
    writer.Key("reset_at").StringOrNull(TimeText(usage.reset_at)).EndObject();
  }
  writer.EndArray();
}

void WriteAccepted(base::JsonWriter& writer, const Explanation& explanation, const ratelimit::Policy& policy) {
  writer.Key("accepted").BeginArray();
  for (const auto& sent : explanation.sent | std::views::reverse) {
    writer.BeginObject().Key("at").String(TimeText(sent.at)).Key("category");
    writer.StringOrNull(sent.category ? policy.NameOf(*sent.category) : std::string_view());
    writer.Key("lane").String(LaneName(sent.lane)).Key("count").Integer(sent.count).EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string LimitStateJson(const ratelimit::Recipient& recipient, const std::string& normalised_by,
                           const Explanation& explanation, const std::vector<store::LimitSignal>& events,
                           const std::vector<store::AuditEntry>& audit, const ratelimit::Policy& policy) {
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("recipient_limits").Key("mailbox").String(recipient.mailbox);
  writer.Key("normalised_by").String(normalised_by).Key("family").String(recipient.family);
  writer.Key("domain").StringOrNull(recipient.domain).Key("confirmed").Bool(recipient.confirmed);
  writer.Key("blocked_until").StringOrNull(TimeText(explanation.blocked_until));
  writer.Key("under_attack_since").StringOrNull(TimeText(explanation.under_attack_since));
  writer.Key("refusals_last_hour").Integer(explanation.refusals_last_hour);
  writer.Key("degraded").Bool(explanation.degraded);
  WriteWhy(writer, explanation);
  WriteRules(writer, explanation);
  WriteAccepted(writer, explanation, policy);
  writer.Key("events").BeginArray();
  for (const store::LimitSignal& event : events) WriteLimitEvent(writer, event);
  writer.EndArray().Key("audit").BeginArray();
  for (const store::AuditEntry& entry : audit) {
    writer.BeginObject().Key("at").String(base::ToRfc3339(entry.at)).Key("actor").String(entry.actor);
    writer.Key("action").String(entry.action).Key("reason").String(entry.reason).EndObject();
  }
  return writer.EndArray().EndObject().Take();
}

}  // namespace sealpost::resources
