#include "ratelimit/redis_script.h"

#include <algorithm>

#include "ratelimit/big_endian.h"
#include "ratelimit/embedded.h"
#include "ratelimit/identity.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::size_t kNumbers = 8;  // of the answer, before the texts
constexpr std::size_t kAnswers = 14;

std::vector<std::uint64_t> Unpack(std::string_view bytes, std::size_t width) {
  std::vector<std::uint64_t> numbers;
  for (; bytes.size() >= width; bytes.remove_prefix(width)) {
    std::uint64_t number = 0;
    for (const char c : bytes.substr(0, width)) number = number << 8 | static_cast<unsigned char>(c);
    numbers.push_back(number);
  }
  return numbers;
}

// Indices out of an answer; nothing if one is out of bounds.
std::optional<std::vector<std::size_t>> Indices(const std::string& bytes, std::size_t below) {
  std::vector<std::size_t> indices;
  for (const std::uint64_t number : Unpack(bytes, 2)) {
    if (number >= below) return std::nullopt;
    indices.push_back(static_cast<std::size_t>(number));
  }
  return indices;
}

bool IsAnswer(const RedisReply& reply) {
  if (reply.kind != RedisReply::Kind::kList || reply.list.size() != kAnswers) return false;
  for (std::size_t i = 0; i < kAnswers; ++i) {
    if (reply.list[i].kind != (i < kNumbers ? RedisReply::Kind::kInteger : RedisReply::Kind::kText)) return false;
    if (i != 1 && i < kNumbers && reply.list[i].integer < 0) return false;
  }
  return reply.list[0].integer <= 3;
}

bool ReadStanding(const RedisReply& reply, const Plan& plan, Verdict& verdict) {
  const auto number = [&reply](std::size_t i) { return reply.list[i].integer; };
  const Standing standing{.counter = static_cast<std::size_t>(std::max<std::int64_t>(0, number(1))),
                          .rule = static_cast<std::size_t>(number(2)),
                          .remaining = number(3),
                          .reset_at = number(4),
                          .retry_at = number(5)};
  if (verdict.blocked) {
    verdict.standing = standing;
    return true;
  }
  if (number(1) < 0) return true;
  verdict.standing = standing;
  return standing.counter < plan.counters.size() && standing.rule < plan.counters[standing.counter].rules->rules.size();
}

bool ReadShadow(const std::string& bytes, const Plan& plan, Verdict& verdict) {
  const auto numbers = Unpack(bytes, 2);
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const auto counter = static_cast<std::size_t>(numbers[i]);
    const auto rule = static_cast<std::size_t>(numbers[i + 1]);
    if (counter >= plan.counters.size() || rule >= plan.counters[counter].rules->rules.size()) return false;
    verdict.shadow.emplace_back(counter, rule);
  }
  return true;
}

}  // namespace

const std::string& LimiterScript() {
  static const std::string script = std::string(kLogLua) + std::string(kAdmitLua);
  return script;
}

std::vector<std::string> KeyNames::Of(const std::vector<std::string>& names) const {
  std::vector<std::string> keys;
  keys.reserve(names.size() * 2);
  for (const std::string& name : names) keys.push_back(prefix + MailboxKey(secret, name));
  if (previous_secret.empty()) return keys;
  for (const std::string& name : names) keys.push_back(prefix + MailboxKey(previous_secret, name));
  return keys;
}

std::vector<std::string> NamesOf(const Plan& plan) {
  std::vector<std::string> names;
  for (const Counter& counter : plan.counters) names.push_back(CounterName(counter.rules->kind, counter.subject));
  if (plan.Blockable()) {
    for (const std::string_view mailbox : plan.mailboxes) names.push_back(StateName(mailbox));
  }
  if (!plan.content.empty()) names.push_back(ContentName(plan));
  return names;
}

std::string PackAttack(const AttackRule& rule) {
  std::string packed;
  AppendBigEndian(packed, static_cast<std::uint64_t>(rule.step), 6);
  AppendBigEndian(packed, rule.enter_steps, 1);
  AppendBigEndian(packed, rule.enter_count, 4);
  AppendBigEndian(packed, rule.leave_count, 4);
  return packed;
}

std::vector<std::string> ArgumentsOf(const Plan& plan, const AttackRule& attack) {
  std::vector<const RuleSet*> sets;
  std::string counters;
  for (std::size_t i = 0; i < plan.counters.size(); ++i) {
    const Counter& counter = plan.counters[i];
    auto set = std::ranges::find(sets, counter.rules);
    if (set == sets.end()) set = sets.insert(sets.end(), counter.rules);
    const bool unconfirmed = counter.rules->kind == Kind::kMailbox && plan.unconfirmed[i];
    const unsigned flags = (unconfirmed ? 1U : 0U) | (counter.rules->kind == Kind::kKey ? 2U : 0U);
    AppendBigEndian(counters, static_cast<std::size_t>(set - sets.begin()) + 1, 1);
    AppendBigEndian(counters, counter.units, 1);
    AppendBigEndian(counters, flags, 1);
    AppendBigEndian(counters, counter.OfOneMailbox() ? counter.recipients.front() + 1U : 0U, 1);
  }
  std::string id;
  AppendBigEndian(id, plan.id, 4);
  std::vector<std::string> arguments{std::to_string(plan.rules->tag),
                                     std::move(id),
                                     std::move(counters),
                                     std::to_string(plan.Blockable() ? plan.mailboxes.size() : 0),
                                     plan.content.empty() ? std::string() : std::string(plan.request_id),
                                     std::to_string(plan.rules->duplicate),
                                     PackAttack(attack),
                                     plan.CountsRefusals() ? "1" : "0"};
  for (const RuleSet* set : sets) arguments.push_back(set->packed);
  return arguments;
}

std::optional<Verdict> ReadVerdict(const RedisReply& reply, const Plan& plan) {
  if (!IsAnswer(reply)) return std::nullopt;
  constexpr Outcome kOutcomes[] = {Outcome::kAdmitted, Outcome::kCoalesced, Outcome::kDenied, Outcome::kDenied};
  Verdict verdict;
  verdict.outcome = kOutcomes[reply.list[0].integer];
  verdict.blocked = reply.list[0].integer == 3;
  verdict.clock = reply.list[6].integer;
  verdict.half_spent = (reply.list[7].integer & 1) != 0;
  verdict.under_attack = (reply.list[7].integer & 2) != 0;
  verdict.earlier_id = reply.list[8].text;
  auto refused = Indices(reply.list[9].text, plan.counters.size());
  auto attacked = Indices(reply.list[11].text, plan.mailboxes.size());
  auto recovered = Indices(reply.list[12].text, plan.mailboxes.size());
  if (!refused || !attacked || !recovered || !ReadStanding(reply, plan, verdict) ||
      !ReadShadow(reply.list[10].text, plan, verdict)) {
    return std::nullopt;
  }
  verdict.refused = std::move(*refused);
  verdict.attacked = std::move(*attacked);
  verdict.recovered = std::move(*recovered);
  for (const std::uint64_t time : Unpack(reply.list[13].text, 6)) {
    verdict.newest.push_back(static_cast<std::int64_t>(time));
  }
  return verdict;
}

}  // namespace sealpost::ratelimit
