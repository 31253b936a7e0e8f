#include "mailer/classify/rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/classify/classify.h"

namespace sealpost::classify {
namespace {

using model::SmtpStage;
using model::VerdictKind;
using model::VerdictScope;

std::vector<std::string> Alternatives(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t bar = text.find('|'); bar != text.npos; bar = text.find('|')) {
    all.emplace_back(text.substr(0, bar));
    text.remove_prefix(bar + 1);
  }
  all.emplace_back(text);
  return all;
}

std::string Named(const Rule& rule) {
  return std::string(rule.codes) + " " + std::string(rule.enhanced) + " " + std::string(rule.phrases) + " => " +
         std::string(rule.reason);
}

// A stage at which no narrower scene holds as well.
SmtpStage StageFor(Scene scene) {
  switch (scene) {
    case Scene::kSession:
      return SmtpStage::kEhlo;
    case Scene::kTls:
      return SmtpStage::kStartTls;
    case Scene::kAuth:
      return SmtpStage::kAuth;
    case Scene::kEnvelope:
      return SmtpStage::kMail;
    case Scene::kRcpt:
    case Scene::kRecipient:
      return SmtpStage::kRcpt;
    case Scene::kAny:
    case Scene::kTransaction:
      break;
  }
  return SmtpStage::kBody;
}

std::string Filled(std::string pattern, char digit) {
  std::ranges::replace(pattern, '?', digit);
  return pattern;
}

TEST_CASE("every rule is well formed") {
  const std::set<std::string_view> reasons = {
      "invalid_recipient",    "inactive_mailbox", "bad_domain", "mailbox_full", "spam_content",
      "ip_or_domain_blocked", "auth_failure",     "policy",     "rate_limited", "greylisted",
      "message_too_large",    "relay_denied",     "protocol",   "tls_policy",   "dns_failure",
      "connection",           "expired",          "other"};
  for (const Rule& rule : Rules()) {
    CAPTURE(Named(rule));
    CHECK(reasons.contains(rule.reason));
    CHECK((rule.kind == VerdictKind::kBounce || rule.kind == VerdictKind::kDefer));
    CHECK(rule.scope != VerdictScope::kNone);
    for (const std::string& code : Alternatives(rule.codes)) {
      CHECK((rule.codes.empty() || (code.size() == 3 && (code[0] == '4' || code[0] == '5'))));
    }
    for (const std::string& code : Alternatives(rule.enhanced)) {
      CHECK((rule.enhanced.empty() || (code.size() >= 5 && code[1] == '.' && code[3] == '.')));
    }
    for (const std::string& phrase : Alternatives(rule.phrases)) {
      CHECK((rule.phrases.empty() || phrase.size() >= 4));
      CHECK(phrase.find('@') == phrase.npos);
      CHECK(std::ranges::none_of(phrase, [](char c) { return c >= 'A' && c <= 'Z'; }));
    }
  }
  const Rule& last = Rules().back();
  CHECK((last.scene == Scene::kAny && last.codes.empty() && last.enhanced.empty() && last.phrases.empty()));
}

TEST_CASE("what is said of us never bounces, and only the recipient's own failures can suppress") {
  const std::set<std::string_view> ours = {"ip_or_domain_blocked", "auth_failure", "rate_limited", "greylisted",
                                           "relay_denied",         "tls_policy",   "connection"};
  const std::set<std::string_view> suppressing = {"invalid_recipient", "inactive_mailbox", "bad_domain"};
  for (const Rule& rule : Rules()) {
    CAPTURE(Named(rule));
    if (ours.contains(rule.reason)) CHECK(rule.kind == VerdictKind::kDefer);
    if (rule.kind == VerdictKind::kBounce) CHECK(rule.scope != VerdictScope::kSite);
    if (suppressing.contains(rule.reason)) {
      CHECK(rule.scope == VerdictScope::kRecipient);
      CHECK((rule.scene == Scene::kRecipient || rule.scene == Scene::kRcpt));
      CHECK((!rule.enhanced.empty() || !rule.phrases.empty() || rule.codes == "556"));
    }
  }
}

TEST_CASE("no rule hides behind an earlier one, nor any alternative of it") {
  for (const Rule& rule : Rules()) {
    for (const std::string& code : Alternatives(rule.codes)) {
      for (const std::string& enhanced : Alternatives(rule.enhanced)) {
        for (const std::string& phrase : Alternatives(rule.phrases)) {
          model::SmtpReply reply;
          reply.stage = StageFor(rule.scene);
          const std::string otherwise = rule.scene == Scene::kSession ? "450" : "599";
          reply.code = std::stoi(code.empty() ? otherwise : Filled(code, '1'));
          reply.enhanced =
              enhanced.empty() ? "" : (enhanced[0] == '?' ? "5" + Filled(enhanced.substr(1), '1') : enhanced);
          reply.text = "it says " + phrase + " here";
          CAPTURE(Named(rule));
          CAPTURE(reply.ToString());
          CHECK(Classify(reply, false).reason == rule.reason);
        }
      }
    }
  }
}

}  // namespace
}  // namespace sealpost::classify
