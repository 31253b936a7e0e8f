#include "api/resources/limits.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "api/resources/json_fields.h"
#include "api/resources/refusals.h"
#include "api/resources/send_reader.h"
#include "mailer/base/json.h"
#include "mailer/submit/default_category.h"
#include "mailer/submit/limit_request.h"
#include "ratelimit/rules.h"

namespace sealpost::resources {

namespace {

std::string_view OnLimitName(ratelimit::OnLimit on_limit) {
  constexpr std::string_view kNames[] = {"deny", "coalesce", "suppress", "digest", "hold"};
  return kNames[static_cast<std::size_t>(on_limit)];
}

std::string_view OutcomeName(const ratelimit::Decision& decision) {
  using enum ratelimit::Outcome;
  switch (decision.outcome) {
    case kAdmitted:
      return "accepted";
    case kCoalesced:
      return "coalesced";
    case kHeld:
      return "held";
    case kDenied:
      break;
  }
  const bool suppressed = decision.on_limit == ratelimit::OnLimit::kSuppress && decision.scope != "recipient";
  return suppressed ? "suppressed" : "denied";
}

// A rule and for whom it stands; one without a condition stands for everybody.
struct Listed {
  const ratelimit::Rule* rule;
  std::string_view when;
};

bool Same(const ratelimit::Rule& left, const ratelimit::Rule& right) {
  return left.name == right.name && left.limit.count == right.limit.count;
}

// Of two sets for the same counter: what both have stands for everybody.
void AddPair(std::vector<Listed>& list, const ratelimit::RuleSet& first, std::string_view when_first,
             const ratelimit::RuleSet& second, std::string_view when_second) {
  const auto holds = [](const ratelimit::RuleSet& set, const ratelimit::Rule& rule) {
    return std::ranges::any_of(set.rules, [&](const ratelimit::Rule& other) { return Same(rule, other); });
  };
  for (const auto& rule : first.rules) list.push_back({&rule, holds(second, rule) ? "" : when_first});
  for (const auto& rule : second.rules) {
    if (!holds(first, rule)) list.push_back({&rule, when_second});
  }
}

std::vector<Listed> RulesOf(const ratelimit::CategoryRules& rules) {
  using ratelimit::Kind;
  std::vector<Listed> list;
  AddPair(list, rules.Of(Kind::kMailbox), "unconfirmed", rules.confirmed_mailbox, "confirmed");
  for (const Kind kind : {Kind::kUnconfirmed, Kind::kDomain, Kind::kSource, Kind::kSourceNet, Kind::kKey}) {
    for (const auto& rule : rules.Of(kind).rules) list.push_back({&rule, "unconfirmed"});
  }
  for (const Kind kind : {Kind::kFamily, Kind::kWorkspace}) {
    for (const auto& rule : rules.Of(kind).rules) list.push_back({&rule, ""});
  }
  if (!rules.Of(Kind::kInviter).rules.empty()) {
    AddPair(list, rules.Of(Kind::kInviter), "workspace_unverified", rules.verified_inviter, "workspace_verified");
  }
  return list;
}

void WriteRules(base::JsonWriter& writer, std::string_view key, const ratelimit::CategoryRules& rules) {
  writer.Key(key).BeginArray();
  for (const auto& [rule, when] : RulesOf(rules)) {
    writer.BeginObject().Key("policy").String(rule->name).Key("scope").String(rule->scope);
    writer.Key("limit").Integer(rule->limit.count).Key("window").Integer(rule->limit.window.count());
    writer.Key("mode").String(ModeName(rule->limit.mode));
    writer.Key("when").StringOrNull(rule->under_attack ? "under_attack" : when).EndObject();
  }
  writer.EndArray();
}

bool AreEnforced(const std::vector<ratelimit::Limit>& limits) {
  const auto is_enforced = [](const ratelimit::Limit& limit) { return limit.mode == ratelimit::Mode::kEnforce; };
  return std::ranges::any_of(limits, is_enforced);
}

void WriteClientIp(base::JsonWriter& writer, const LimitsParts& parts) {
  const ratelimit::SourceReport report = parts.sources.Report();
  const ratelimit::SourceVerdict verdict = ratelimit::Judge(report, AreEnforced(parts.rules.policy.source));
  writer.Key("client_ip").BeginObject();
  for (const auto& [key, count] : {std::pair("requests", report.requests), std::pair("given", report.given),
                                   std::pair("unreadable", report.unreadable), std::pair("internal", report.internal),
                                   std::pair("distinct", report.distinct), std::pair("commonest", report.commonest)})
    writer.Key(key).Integer(static_cast<std::int64_t>(count));
  writer.Key("looks_sane").Bool(verdict.sane).Key("verdict").String(verdict.sentence).EndObject();
}

http::Response Get(const LimitsParts& parts, const ratelimit::RuleBook& book) {
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("limits").Key("degraded").Bool(parts.limiter.Degraded());
  WriteClientIp(writer, parts);
  writer.Key("categories").BeginArray();
  for (const auto& own : book.policy().categories) {
    writer.BeginObject().Key("name").String(book.policy().NameOf(own.category));
    writer.Key("lane").String(LaneName(own.lane)).Key("on_limit").String(OnLimitName(own.on_limit));
    writer.Key("on_outage").String(own.on_outage == ratelimit::OnOutage::kHold ? "hold" : "local");
    writer.Key("duplicate").Integer(own.duplicate.count());
    WriteRules(writer, "rules", book.For(own.category, ratelimit::Trust::kNone));
    if (own.trusted) {
      WriteRules(writer, "trusted_rules", book.For(own.category, ratelimit::Trust::kFull));
      WriteRules(writer, "captcha_rules", book.For(own.category, ratelimit::Trust::kCaptcha));
    }
    writer.EndObject();
  }
  return {200, "application/json", writer.EndArray().EndObject().Take(), {}};
}

std::string CheckJson(const ratelimit::Decision& decision) {
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("limits_check").Key("outcome").String(OutcomeName(decision));
  writer.Key("policy").StringOrNull(decision.rule).Key("scope").StringOrNull(decision.scope);
  writer.Key("limit").Integer(decision.limit.count).Key("window").Integer(decision.limit.window.count());
  writer.Key("remaining").Integer(decision.remaining).Key("reset").Integer(decision.reset.count());
  writer.Key("retry_after").Integer(decision.retry_after.count());
  writer.Key("recipients").BeginArray();
  for (const std::string& mailbox : decision.refused) writer.String(mailbox);
  writer.EndArray().Key("last_sent_at");
  writer.StringOrNull(decision.last_sent_at == 0 ? std::string()
                                                 : base::ToRfc3339(base::FromMillis(decision.last_sent_at)));
  writer.Key("challenge").StringOrNull(decision.challenge).Key("shadow").BeginArray();
  for (const std::string& rule : decision.shadow) writer.String(rule);
  writer.EndArray().Key("under_attack").Bool(decision.under_attack).Key("degraded").Bool(decision.degraded);
  return writer.EndObject().Take();
}

// What a send must have and the limiter never looks at; of a template only its default category counts.
void AddContent(submit::SendRequest& request) {
  if (request.from.empty()) request.from = "check@localhost";
  request.template_use.reset();
  request.subject = request.text = "-";
  request.html.reset();
}

ratelimit::Request LimitRequest(const submit::SendRequest& request, const submit::Checked& checked,
                                const http::Request& http, const LimitsParts& parts) {
  ratelimit::Request made = submit::MakeLimitRequest(request, checked, {}, *http.caller, parts.rules.policy);
  made.id = http.id;
  if (request.dedupe_key.empty()) made.content.clear();  // the words are not those that would be sent
  for (const submit::Recipient& recipient : checked.recipients) {
    made.recipients.push_back(
        {.mailbox = recipient.mailbox,
         .family = recipient.family,
         .domain = recipient.domain,
         .confirmed = request.recipient_confirmed || parts.recipients.IsConfirmed(recipient.mailbox)});
  }
  return made;
}

http::Response Check(const LimitsParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  auto read = ReadSendRequest(document->Root(), request);
  if (!read) return ToResponse(ToProblem(read.error()), request);
  std::string of_template;
  if (read->template_use) {
    const auto used = parts.catalog.FindTemplate(read->template_use->id_or_alias);
    if (!used) return ToResponse(http::FromError(used.error()), request);
    of_template = (*used)->version.category;
  }
  AddContent(*read);
  auto checked = submit::Validate(*read, *request.caller, parts.clock.Now(), parts.rules);
  if (!checked) return ToResponse(ToProblem(checked.error()), request);
  submit::ApplyDefaultCategory(*checked, of_template, *request.caller, parts.rules);
  const auto decision = parts.limiter.Check(LimitRequest(*read, *checked, request, parts));
  return {200, "application/json", CheckJson(decision), {}};
}

}  // namespace

std::string_view LaneName(ratelimit::Lane lane) {
  constexpr std::string_view kNames[] = {"anonymous", "trusted", "application", "reserved"};
  return kNames[static_cast<std::size_t>(lane)];
}

std::string_view ModeName(ratelimit::Mode mode) {
  constexpr std::string_view kNames[] = {"enforce", "shadow", "off"};
  return kNames[static_cast<std::size_t>(mode)];
}

void AddLimits(http::Router& router, LimitsParts parts) {
  const auto book = std::make_shared<const ratelimit::RuleBook>(parts.rules.policy);
  router.Add("GET", "/x/limits", http::Access::kFull,
             parts.key_rate.Wrap([parts, book](const http::Request&) { return Get(parts, *book); }));
  router.Add("POST", "/x/limits/check", http::Access::kSend,
             parts.key_rate.Wrap([parts](const http::Request& request) { return Check(parts, request); }));
}

}  // namespace sealpost::resources
