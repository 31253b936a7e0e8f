#include "mailer/classify/classify.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

#include "mailer/classify/rules.h"

namespace sealpost::classify {
namespace {

using model::SmtpReply;
using model::SmtpStage;
using model::Verdict;
using model::VerdictKind;
using model::VerdictScope;

bool Holds(Scene scene, SmtpStage stage) {
  switch (scene) {
    case Scene::kAny:
      return true;
    case Scene::kSession:
      return stage < SmtpStage::kMail;
    case Scene::kTls:
      return stage == SmtpStage::kStartTls;
    case Scene::kAuth:
      return stage == SmtpStage::kAuth;
    case Scene::kEnvelope:
      return stage == SmtpStage::kMail || stage == SmtpStage::kRcpt;
    case Scene::kRcpt:
      return stage == SmtpStage::kRcpt;
    case Scene::kRecipient:
      return stage >= SmtpStage::kRcpt;
    case Scene::kTransaction:
      return stage >= SmtpStage::kMail;
  }
  return false;
}

bool Matches(std::string_view pattern, std::string_view text) {
  return std::ranges::equal(pattern, text,
                            [](char wanted, char c) { return wanted == '?' ? c >= '0' && c <= '9' : wanted == c; });
}

// Is one of the alternatives true? Yes if there are none.
template <class Test>
bool AnyOf(std::string_view alternatives, Test test) {
  while (true) {
    const std::size_t bar = alternatives.find('|');
    if (alternatives.empty() || test(alternatives.substr(0, bar))) return true;
    if (bar == alternatives.npos) return false;
    alternatives.remove_prefix(bar + 1);
  }
}

bool IsAddress(std::string_view word) {
  return word.find('@') != word.npos;
}

// In lower case and without addresses: the words of an address are its owner's, not the server's.
std::string Words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (!IsAddress(word)) {
      for (const char c : word) words.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    if (end == text.npos) break;
    words.push_back(' ');
    text.remove_prefix(end + 1);
  }
  return words;
}

const Rule& FirstFit(const SmtpReply& reply) {
  const std::string code = std::to_string(reply.code);
  const std::string words = Words(reply.text);
  for (const Rule& rule : Rules()) {
    if (Holds(rule.scene, reply.stage) && AnyOf(rule.codes, [&](auto one) { return Matches(one, code); }) &&
        AnyOf(rule.enhanced, [&](auto one) { return Matches(one, reply.enhanced); }) &&
        AnyOf(rule.phrases, [&](auto one) { return words.find(one) != words.npos; })) {
      return rule;
    }
  }
  return Rules().back();
}

// A reply that contradicts itself (554 4.7.1) is taken at its milder word.
bool IsTemporary(const SmtpReply& reply) {
  return reply.code / 100 == 4 || reply.enhanced.starts_with("4.");
}

}  // namespace

Verdict Classify(const SmtpReply& reply, bool uncertain) {
  if (uncertain) return {VerdictKind::kUncertain, VerdictScope::kMessage, "uncertain"};
  const bool in_transaction = reply.stage >= SmtpStage::kMail;
  if (reply.code == 0) {
    const bool tls = reply.stage == SmtpStage::kStartTls;
    return {VerdictKind::kDefer, VerdictScope::kSite, tls ? "tls_policy" : "connection"};
  }
  if (reply.stage == SmtpStage::kBody && reply.code / 100 == 2) {
    return {VerdictKind::kDelivered, VerdictScope::kNone, "none"};
  }
  // No other positive reply ends a delivery, so these two do not speak the same protocol.
  if (reply.code < 400 || reply.code > 599) return {VerdictKind::kDefer, VerdictScope::kSite, "protocol"};

  const Rule& rule = FirstFit(reply);
  Verdict verdict{rule.kind, rule.scope, std::string(rule.reason)};
  if (!in_transaction || IsTemporary(reply)) verdict.kind = VerdictKind::kDefer;
  // Before MAIL, and with a 421 anywhere, the server speaks of the session (RFC 5321 3.8).
  if (!in_transaction || reply.code == 421) verdict.scope = VerdictScope::kSite;
  return verdict;
}

}  // namespace sealpost::classify
