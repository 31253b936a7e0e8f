#include "ratelimit/redis_limiter.h"

#include <charconv>
#include <random>
#include <utility>

#include "ratelimit/explain.h"
#include "ratelimit/redis_pipeline.h"
#include "ratelimit/redis_script.h"

namespace sealpost::ratelimit {
namespace {

using Failure = std::unexpected<std::string>;

constexpr const char* kUnknownAnswer = "Redis: the limiter's script gave an unknown answer";

std::string RandomText() {
  std::random_device random;
  return std::to_string(random()) + std::to_string(random());
}

class ScriptLimiter final : public RedisLimiter {
 public:
  ScriptLimiter(const Policy& policy, RedisLimiterOptions options, std::string prefix, NowFunction now,
                const void* context)
      : book_(policy),
        attack_(policy.attack),
        names_{std::move(prefix), std::move(options.secret), std::move(options.previous_secret)},
        now_(now),
        context_(context),
        pipeline_(std::move(options.address), LimiterScript(), options.timeout) {}

  Result<Decision> TryAdmit(const Request& request) override { return Decided("admit", request, gate_); }
  Result<Decision> TryCheck(const Request& request) override {
    SurgeGate untold;  // the surge is still to be told when it happens
    auto decision = Decided("check", request, untold);
    if (decision) decision->signals.clear();
    return decision;
  }

  Result<void> TryRefund(const Request& request) override {
    const Plan plan = MakePlan(book_, request);
    if (plan.mailboxes.empty()) return {};
    return Done(Call("refund", NamesOf(plan), ArgumentsOf(plan, attack_)));
  }

  Result<Explanation> TryExplain(const Recipient& recipient) override {
    const auto reply =
        Call("read",
             {CounterName(Kind::kMailbox, recipient.mailbox), CounterName(Kind::kUnconfirmed, recipient.mailbox),
              CounterName(Kind::kFamily, recipient.family), CounterName(Kind::kDomain, recipient.domain),
              StateName(recipient.mailbox)},
             {});
    if (!reply) return Failure(reply.error());
    if (reply->kind != RedisReply::Kind::kList || reply->list.size() != 6) return Failure(kUnknownAnswer);
    const MailboxLogs logs{.mailbox = ParseLog(reply->list[1].text),
                           .unconfirmed = ParseLog(reply->list[2].text),
                           .family = ParseLog(reply->list[3].text),
                           .domain = ParseLog(reply->list[4].text),
                           .state = ParseMailboxState(reply->list[5].text)};
    return MakeExplanation(book_, recipient, logs, reply->list[0].integer);
  }

  Result<void> TryBlock(const std::string& mailbox, std::int64_t until) override {
    return Done(Call("block", {StateName(mailbox)}, StateArguments(std::to_string(until))));
  }

  Result<void> TryReset(const std::string& mailbox) override {
    return Done(Call(
        "reset", {CounterName(Kind::kMailbox, mailbox), CounterName(Kind::kUnconfirmed, mailbox), StateName(mailbox)},
        StateArguments({})));
  }

  // The request of one mailbox that touches no counter: its state is judged and kept, nothing is charged.
  Result<AttackState> TryRecover(const std::string& mailbox) override {
    Plan plan;
    plan.mailboxes = {mailbox};
    plan.counters.resize(1);  // by its number a blocked mailbox is told
    const auto reply = Call("admit", {StateName(mailbox)}, {"0", "", "", "1", "", "0", PackAttack(attack_), "0"});
    if (!reply) return Failure(reply.error());
    const auto verdict = ReadVerdict(*reply, plan);
    if (!verdict) return Failure(kUnknownAnswer);
    if (!verdict->recovered.empty()) return AttackState::kEnded;
    return verdict->under_attack ? AttackState::kGoesOn : AttackState::kNone;
  }

  Result<void> TrySeed(const std::string& mailbox, const std::vector<Accepted>& accepted) override {
    for (const Kind kind : {Kind::kMailbox, Kind::kUnconfirmed}) {
      const Log entries = EntriesOf(book_, kind, accepted);
      if (entries.empty()) continue;
      const RuleSet& set = book_.For(Category::kUncategorized, Trust::kNone).Of(kind);
      auto done = Done(Call("seed", {CounterName(kind, mailbox)},
                            {FormatLog(entries), std::to_string(set.keep), std::to_string(set.most)}));
      if (!done) return done;
    }
    return {};
  }

  // The whole way, script included.
  Result<RedisHealth> Ping() override {
    const std::string marker = RandomText();
    const auto reply = Run("ping", {names_.prefix + "generation"}, {marker}, false);
    if (!reply) return Failure(reply.error());
    return RedisHealth{.generation = reply->text, .fresh = reply->text.ends_with(' ' + marker)};
  }

 private:
  static Result<void> Done(const Result<RedisReply>& reply) {
    if (!reply) return Failure(reply.error());
    return {};
  }

  // Where the script expects what it must know of attacks.
  std::vector<std::string> StateArguments(std::string first) const {
    return {std::move(first), {}, {}, {}, {}, {}, PackAttack(attack_)};
  }

  Result<Decision> Decided(std::string_view operation, const Request& request, SurgeGate& gate) {
    const Plan plan = MakePlan(book_, request);
    if (plan.mailboxes.empty()) return Decide(plan, {}, gate);
    const auto reply = Call(operation, NamesOf(plan), ArgumentsOf(plan, attack_));
    if (!reply) return Failure(reply.error());
    const auto verdict = ReadVerdict(*reply, plan);
    if (!verdict) return Failure(kUnknownAnswer);
    return Decide(plan, *verdict, gate);
  }

  Result<RedisReply> Call(std::string_view operation, const std::vector<std::string>& names,
                          const std::vector<std::string>& rest) {
    return Run(operation, names_.Of(names), rest, !names_.previous_secret.empty());
  }

  Result<RedisReply> Run(std::string_view operation, const std::vector<std::string>& keys,
                         const std::vector<std::string>& rest, bool doubled) {
    const std::string time = now_ == nullptr ? std::string() : std::to_string(now_(context_));
    std::vector<std::string_view> arguments{operation, time, doubled ? "1" : "0"};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return pipeline_.Call({.keys = keys, .arguments = arguments});
  }

  const RuleBook book_;
  const AttackRule attack_;
  const KeyNames names_;
  const NowFunction now_;  // null: Redis' clock
  const void* const context_;
  SurgeGate gate_;
  RedisPipeline pipeline_;
};

// The value of `name:value` in an answer to INFO.
std::string InfoValue(const std::string& info, const std::string& name) {
  const std::size_t at = info.find("\n" + name + ":");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 2;
  return info.substr(from, info.find_first_of("\r\n", from) - from);
}

std::optional<std::string> Judge(const std::string& info) {
  const std::string version = InfoValue(info, "redis_version");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major < 6) return "Redis is version " + version + "; the limiter needs version 6 or newer";
  if (InfoValue(info, "role") == "slave") return "this Redis is a replica; give the address of its primary";
  const std::string policy = InfoValue(info, "maxmemory_policy");
  if (InfoValue(info, "maxmemory") != "0" && policy != "noeviction") {
    return "Redis may evict keys (maxmemory-policy " + policy +
           "), which would reset limits silently; set maxmemory-policy noeviction or use a Redis of its own";
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<RedisLimiter> MakeRedisLimiter(const Policy& policy, RedisLimiterOptions options) {
  return std::make_unique<ScriptLimiter>(policy, std::move(options), "sp2:", nullptr, nullptr);
}

std::unique_ptr<RedisLimiter> MakeReplayLimiter(const Policy& policy, RedisLimiterOptions options, std::string run,
                                                NowFunction now, const void* context) {
  return std::make_unique<ScriptLimiter>(policy, std::move(options), "replay:" + std::move(run) + ":", now, context);
}

std::optional<ServerFault> CheckServer(const RedisAddress& address, std::chrono::milliseconds timeout) {
  auto connection = RedisConnection::Open(address, timeout);
  if (!connection) return ServerFault{connection.error()};
  const RedisCommand info{"INFO"};
  const auto replies = connection->Run({&info, 1}, timeout);
  if (!replies) return ServerFault{replies.error()};
  const RedisReply& reply = replies->front();
  if (reply.kind != RedisReply::Kind::kText) return ServerFault{"Redis does not answer INFO: " + reply.text};
  auto unfit = Judge(reply.text);
  if (!unfit) return std::nullopt;
  return ServerFault{std::move(*unfit), true};
}

}  // namespace sealpost::ratelimit
