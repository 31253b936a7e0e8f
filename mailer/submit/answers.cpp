#include "mailer/submit/answers.h"

namespace sealpost::submit {

Answers::Claim& Answers::Claim::operator=(Claim&& other) noexcept {
  std::swap(answers_, other.answers_);
  std::swap(key_, other.key_);
  return *this;
}

Answers::Claim::~Claim() {
  if (answers_ != nullptr) answers_->running_.Lock()->erase(key_);
}

std::expected<Answers::Begun, Refusal> Answers::Begin(const std::string& key, const std::string& fingerprint) {
  if (!running_.Lock()->insert(key).second) {
    return std::unexpected(Refusal{RefusalKind::kIdempotencyRunning,
                                   "A request with this idempotency key is still being processed: try again shortly.",
                                   ""});
  }
  Begun begun{Claim(this, key), std::nullopt};
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindAnswer(session, key, clock_.Now() - store::kAnswerLifetime);
    if (!found) return std::unexpected(found.error());
    begun.replay = std::move(*found);
    return {};
  });
  if (!read)
    return std::unexpected(Refusal{RefusalKind::kUnavailable, "The store does not answer: try again shortly.", ""});
  if (begun.replay && begun.replay->fingerprint != fingerprint) {
    return std::unexpected(Refusal{RefusalKind::kIdempotencyReused,
                                   "This idempotency key has been used with another payload within the last 24 hours: "
                                   "use a new key for a new message.",
                                   ""});
  }
  return begun;
}

void Answers::Sweep() {
  const base::Time before = clock_.Now() - store::kAnswerLifetime;
  database_.Post([before](store::Session& session) { return store::ForgetAnswersBefore(session, before); },
                 [](const auto&) {});
}

}  // namespace sealpost::submit
