#include "ratelimit/redis_pipeline.h"

#include <openssl/evp.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace sealpost::ratelimit {
namespace {

using Failure = std::unexpected<std::string>;

// A call on its way. Belongs to its caller, who waits for it; all members are guarded by the mutex of the pipeline.
struct Pending {
  std::string bytes;
  std::optional<std::expected<RedisReply, std::string>> answer;
  bool sends = false, receives = false;  // a duty that was handed to its caller
  std::condition_variable changed;

  // Notified under the lock: the caller may not leave, and take this along, before that is done.
  void Settle(std::expected<RedisReply, std::string> with) {
    answer = std::move(with);
    changed.notify_one();
  }
};

// One connection from its first call to its end. All but the connection is guarded by the mutex of the pipeline.
struct Line {
  std::optional<RedisConnection> connection;  // made by the first sender
  std::deque<Pending*> unsent, unanswered;
  bool sending = false, receiving = false;
  bool ended = false;
};

// As EVALSHA names a script. Redis chose SHA-1; nothing rests on it.
std::string ShaOf(std::string_view script) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(script.data(), script.size(), digest.data(), &length, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i)
    (hex += "0123456789abcdef"[digest[i] >> 4]) += "0123456789abcdef"[digest[i] & 15];
  return hex;
}

std::string Format(std::string_view verb, std::string_view script, const ScriptCall& call) {
  const std::string count = std::to_string(call.keys.size());
  RedisCommand command{verb, script, count};
  command.insert(command.end(), call.keys.begin(), call.keys.end());
  command.insert(command.end(), call.arguments.begin(), call.arguments.end());
  std::string bytes;
  AppendCommand(bytes, command);
  return bytes;
}

bool IsForgotten(const RedisReply& reply) {
  return reply.kind == RedisReply::Kind::kError && reply.text.starts_with("NOSCRIPT");
}

}  // namespace

struct RedisPipeline::Impl {
  Impl(RedisAddress where, std::string_view text, std::chrono::milliseconds limit)
      : address(std::move(where)), script(text), sha(ShaOf(text)), timeout(limit) {}

  using Lock = std::unique_lock<std::mutex>;

  const RedisAddress address;
  const std::string_view script;
  const std::string sha;
  const std::chrono::milliseconds timeout;

  std::mutex mutex;
  std::shared_ptr<Line> current = std::make_shared<Line>();  // guarded by the mutex

  // Gives up the lock while `work` talks to Redis; a failure ends the line.
  template <class Work>
  auto Talk(Line& line, Lock& lock, const Work& work) {
    lock.unlock();
    auto done = work();
    lock.lock();
    if (!done) End(line, done.error());
    return done;
  }

  // Fails all that is under way, and those that came meanwhile: they would only wait for the next timeout.
  void End(Line& line, const std::string& why) {
    if (line.ended) return;
    line.ended = true;
    if (line.connection) line.connection->Shutdown();
    for (Pending* pending : line.unanswered) pending->Settle(Failure(why));
    for (Pending* pending : line.unsent) pending->Settle(Failure(why));
    line.unanswered.clear();
    line.unsent.clear();
    if (current.get() == &line) current = std::make_shared<Line>();
  }

  static void HandOn(bool& taken, const std::deque<Pending*>& waiting, bool Pending::* duty) {
    if (taken || waiting.empty()) return;
    taken = true;
    waiting.front()->*duty = true;
    waiting.front()->changed.notify_one();
  }
  static void WantSender(Line& line) { HandOn(line.sending, line.unsent, &Pending::sends); }
  static void WantReceiver(Line& line) { HandOn(line.receiving, line.unanswered, &Pending::receives); }

  void Send(Line& line, Lock& lock) {
    const auto connect = [&]() -> std::expected<void, std::string> {
      auto opened = RedisConnection::Open(address, timeout);
      if (!opened) return Failure(std::move(opened.error()));
      line.connection = std::move(*opened);
      return {};
    };
    if (!line.connection && !Talk(line, lock, connect)) return;
    std::string bytes;
    for (; !line.unsent.empty(); line.unsent.pop_front()) {
      bytes += line.unsent.front()->bytes;
      line.unanswered.push_back(line.unsent.front());
    }
    Talk(line, lock, [&] { return line.connection->Send(bytes, timeout); });
    line.sending = false;
    WantSender(line);
    WantReceiver(line);
  }

  void ReceiveUntilAnswered(const Pending& self, Line& line, Lock& lock) {
    while (!self.answer) {
      auto replies = Talk(line, lock, [&] { return line.connection->Receive(timeout); });
      if (line.ended) return;
      if (replies->size() > line.unanswered.size()) return End(line, "Redis answered what nobody asked");
      for (RedisReply& reply : *replies) {
        line.unanswered.front()->Settle(std::move(reply));
        line.unanswered.pop_front();
      }
    }
    line.receiving = false;
    WantReceiver(line);
  }

  std::expected<RedisReply, std::string> Run(std::string bytes) {
    Pending self{.bytes = std::move(bytes), .answer = {}, .changed = {}};
    Lock lock(mutex);
    const std::shared_ptr<Line> line = current;
    line->unsent.push_back(&self);
    WantSender(*line);
    while (true) {
      self.changed.wait(lock, [&self] { return self.answer || self.sends || self.receives; });
      if (self.answer) return std::move(*self.answer);
      if (std::exchange(self.sends, false))
        Send(*line, lock);
      else
        ReceiveUntilAnswered(self, *line, lock);
    }
  }
};

RedisPipeline::RedisPipeline(RedisAddress address, std::string_view script, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(address), script, timeout)) {}

RedisPipeline::~RedisPipeline() = default;

std::expected<RedisReply, std::string> RedisPipeline::Call(const ScriptCall& call) {
  auto reply = impl_->Run(Format("EVALSHA", impl_->sha, call));
  // A call answered NOSCRIPT was not run, so it may be sent again without charging twice.
  if (reply && IsForgotten(*reply)) reply = impl_->Run(Format("EVAL", impl_->script, call));
  if (reply && reply->kind == RedisReply::Kind::kError) return Failure("Redis: " + reply->text);
  return reply;
}

}  // namespace sealpost::ratelimit
