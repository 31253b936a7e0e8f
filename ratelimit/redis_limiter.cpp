#include "ratelimit/redis_limiter.h"

#include <charconv>
#include <utility>

#include "ratelimit/embedded.h"
#include "ratelimit/identity.h"
#include "ratelimit/redis_pipeline.h"
#include "ratelimit/rules.h"

namespace sealpost::ratelimit {
namespace {

using Failure = std::unexpected<std::string>;

constexpr std::size_t kFixedAnswers = 6;  // members of admit.lua's answer before the refused mailboxes

std::string Packed(std::uint32_t id) {
  return {static_cast<char>(id >> 24), static_cast<char>(id >> 16), static_cast<char>(id >> 8), static_cast<char>(id)};
}

bool IsDecision(const RedisReply& reply, std::size_t mailboxes) {
  if (reply.kind != RedisReply::Kind::kList || reply.list.size() < kFixedAnswers) return false;
  for (std::size_t i = 0; i < reply.list.size(); ++i) {
    const RedisReply& member = reply.list[i];
    if (member.kind != RedisReply::Kind::kInteger || member.integer < 0) return false;
    if (i >= kFixedAnswers && static_cast<std::size_t>(member.integer) >= mailboxes) return false;
  }
  return true;
}

class ScriptLimiter final : public RedisLimiter {
 public:
  ScriptLimiter(const Policy& policy, RedisLimiterOptions options, std::string prefix, NowFunction now,
                const void* context)
      : book_(policy),
        keep_(std::to_string(book_.Retention())),
        prefix_(std::move(prefix)),
        secret_(std::move(options.secret)),
        now_(now),
        context_(context),
        pipeline_(std::move(options.address), kAdmitLua, options.timeout) {}

  std::expected<Decision, std::string> TryAdmit(const Request& request) override {
    const RuleSet& set = book_.For(request);
    const std::vector<std::string_view> mailboxes = Distinct(request.recipients);
    if (mailboxes.empty() || set.rules.empty()) return NothingToJudge();
    const auto reply = Call("admit", set, request.id, mailboxes);
    if (!reply) return Failure(reply.error());
    if (!IsDecision(*reply, mailboxes.size())) return Failure("Redis: the limiter's script gave an unknown answer");
    const auto number = [&reply](std::size_t i) { return reply->list[i].integer; };
    Verdict verdict{.standing = {static_cast<std::size_t>(number(0)), number(1), number(2), number(3)},
                    .clock = number(4),
                    .refused = {},
                    .last_sent_at = number(5)};
    for (std::size_t i = kFixedAnswers; i < reply->list.size(); ++i) {
      verdict.refused.emplace_back(mailboxes[static_cast<std::size_t>(number(i))]);
    }
    return Decide(set, std::move(verdict));
  }

  std::expected<void, std::string> TryRefund(const Request& request) override {
    const std::vector<std::string_view> mailboxes = Distinct(request.recipients);
    if (mailboxes.empty()) return {};
    return Refund(request, mailboxes);
  }

  // The whole way, script included, with nothing to refund.
  std::expected<void, std::string> Ping() override { return Refund({}, {}); }

 private:
  std::expected<void, std::string> Refund(const Request& request, const std::vector<std::string_view>& mailboxes) {
    const auto reply = Call("refund", book_.For(request), request.id, mailboxes);
    if (!reply) return Failure(reply.error());
    return {};
  }

  std::expected<RedisReply, std::string> Call(std::string_view operation, const RuleSet& set,
                                              std::string_view request_id,
                                              const std::vector<std::string_view>& mailboxes) {
    std::vector<std::string> keys;
    keys.reserve(mailboxes.size());
    for (const std::string_view mailbox : mailboxes) keys.push_back(prefix_ + MailboxKey(secret_, mailbox) + "}:l");
    const std::string tag = std::to_string(set.tag);
    const std::string id = Packed(ShortId(request_id));
    std::string time;
    std::vector<std::string_view> arguments{operation, tag, id, set.packed, keep_};
    if (now_ != nullptr) {
      time = std::to_string(now_(context_));
      arguments.push_back(time);
    }
    return pipeline_.Call({.keys = keys, .arguments = arguments});
  }

  const RuleBook book_;
  const std::string keep_;
  const std::string prefix_;
  const std::string secret_;
  const NowFunction now_;  // null: Redis' clock
  const void* const context_;
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
  return std::make_unique<ScriptLimiter>(policy, std::move(options), "sp1:{", nullptr, nullptr);
}

std::unique_ptr<RedisLimiter> MakeReplayLimiter(const Policy& policy, RedisLimiterOptions options, std::string run,
                                                NowFunction now, const void* context) {
  return std::make_unique<ScriptLimiter>(policy, std::move(options), "replay:" + std::move(run) + ":{", now, context);
}

std::optional<std::string> CheckServer(const RedisAddress& address, std::chrono::milliseconds timeout) {
  auto connection = RedisConnection::Open(address, timeout);
  if (!connection) return connection.error();
  const RedisCommand info{"INFO"};
  const auto replies = connection->Run({&info, 1}, timeout);
  if (!replies) return replies.error();
  if (replies->front().kind != RedisReply::Kind::kText) return "Redis does not answer INFO: " + replies->front().text;
  return Judge(replies->front().text);
}

}  // namespace sealpost::ratelimit
