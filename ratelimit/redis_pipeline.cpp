#include "ratelimit/redis_pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace sealpost::ratelimit {
namespace {

using PipelineAnswer = std::expected<RedisReply, std::string>;
using Failure = std::unexpected<std::string>;

constexpr std::size_t kMostTogether = 256;  // calls in one write, so that the first of them need not wait for thousands

struct Waiting {
  const ScriptCall* call;
  std::optional<PipelineAnswer> answer;
  bool leads = false;
  std::condition_variable changed;
};

bool IsForgotten(const RedisReply& reply) {
  return reply.kind == RedisReply::Kind::kError && reply.text.starts_with("NOSCRIPT");
}

}  // namespace

struct RedisPipeline::Impl {
  Impl(RedisAddress where, std::string_view text, std::chrono::milliseconds limit)
      : address(std::move(where)), script(text), timeout(limit) {}

  const RedisAddress address;
  const std::string_view script;
  const std::chrono::milliseconds timeout;

  std::mutex mutex;
  std::deque<Waiting*> queue;  // guarded by the mutex
  bool busy = false;           // guarded by the mutex: somebody leads, or has been told to

  // Belong to whoever leads.
  std::optional<RedisConnection> connection;
  std::string sha;

  std::expected<void, std::string> LoadScript() {
    const RedisCommand load{"SCRIPT", "LOAD", script};
    auto replies = connection->Run({&load, 1}, timeout);
    if (!replies) return Failure(std::move(replies.error()));
    if (replies->front().kind != RedisReply::Kind::kText) return Failure("Redis script: " + replies->front().text);
    sha = std::move(replies->front().text);
    return {};
  }

  std::expected<void, std::string> Connect() {
    if (connection) return {};
    auto opened = RedisConnection::Open(address, timeout);
    if (!opened) return Failure(std::move(opened.error()));
    connection = std::move(*opened);
    return LoadScript();
  }

  std::expected<std::vector<RedisReply>, std::string> RunScript(const std::vector<Waiting*>& batch) {
    std::vector<std::string> counts;
    counts.reserve(batch.size());
    std::vector<RedisCommand> commands;
    commands.reserve(batch.size());
    for (const Waiting* waiting : batch) {
      const ScriptCall& call = *waiting->call;
      counts.push_back(std::to_string(call.keys.size()));
      RedisCommand command{"EVALSHA", sha, counts.back()};
      command.insert(command.end(), call.keys.begin(), call.keys.end());
      command.insert(command.end(), call.arguments.begin(), call.arguments.end());
      commands.push_back(std::move(command));
    }
    return connection->Run(commands, timeout);
  }

  // A call answered NOSCRIPT was not run, so it may be sent again without charging twice.
  std::expected<void, std::string> RepeatForgotten(const std::vector<Waiting*>& batch,
                                                   std::vector<RedisReply>& replies) {
    std::vector<std::size_t> forgotten;
    std::vector<Waiting*> again;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!IsForgotten(replies[i])) continue;
      forgotten.push_back(i);
      again.push_back(batch[i]);
    }
    if (again.empty()) return {};
    if (auto loaded = LoadScript(); !loaded) return loaded;
    auto repeated = RunScript(again);
    if (!repeated) return Failure(std::move(repeated.error()));
    for (std::size_t i = 0; i < again.size(); ++i) replies[forgotten[i]] = std::move((*repeated)[i]);
    return {};
  }

  // Fills in every answer of the batch, or returns the reason why the connection is lost.
  std::expected<void, std::string> Carry(const std::vector<Waiting*>& batch) {
    if (auto connected = Connect(); !connected) return connected;
    auto replies = RunScript(batch);
    if (!replies) return Failure(std::move(replies.error()));
    if (auto repeated = RepeatForgotten(batch, *replies); !repeated) return repeated;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      RedisReply& reply = (*replies)[i];
      const bool refused = reply.kind == RedisReply::Kind::kError;
      batch[i]->answer = refused ? PipelineAnswer(Failure("Redis: " + reply.text)) : PipelineAnswer(std::move(reply));
    }
    return {};
  }

  // Called with the lock held, gives it up while Redis is asked.
  void Lead(std::unique_lock<std::mutex>& lock) {
    const std::size_t count = std::min(queue.size(), kMostTogether);
    std::vector<Waiting*> batch(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    const auto carried = Carry(batch);
    if (!carried) connection.reset();
    lock.lock();
    if (!carried) {
      // Those that came meanwhile would only wait for the next timeout.
      batch.insert(batch.end(), queue.begin(), queue.end());
      queue.clear();
      for (Waiting* waiting : batch) waiting->answer = Failure(carried.error());
    }
    // Notified under the lock: a waiter may not leave, and take its condition variable along, before that is done.
    for (Waiting* waiting : batch) waiting->changed.notify_one();
    busy = !queue.empty();
    if (busy) {
      queue.front()->leads = true;
      queue.front()->changed.notify_one();
    }
  }
};

RedisPipeline::RedisPipeline(RedisAddress address, std::string_view script, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(address), script, timeout)) {}

RedisPipeline::~RedisPipeline() = default;

std::expected<RedisReply, std::string> RedisPipeline::Call(const ScriptCall& call) {
  Waiting self{.call = &call, .answer = {}, .leads = false, .changed = {}};
  std::unique_lock lock(impl_->mutex);
  impl_->queue.push_back(&self);
  if (!impl_->busy) {
    impl_->busy = true;
    self.leads = true;
  }
  self.changed.wait(lock, [&self] { return self.leads || self.answer; });
  // A leader stands at the front of the queue, so its own call is in the batch it carries.
  if (!self.answer) impl_->Lead(lock);
  return std::move(*self.answer);
}

}  // namespace sealpost::ratelimit
