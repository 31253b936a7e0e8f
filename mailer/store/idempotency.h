// Answers kept by Idempotency-Key: written in the transaction of the message they answer for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct StoredAnswer {
  std::string fingerprint;  // hash of method, path and canonical body
  int status = 200;
  std::string body;
  base::Time created_at;
};

// How long an answer counts; a key whose answer is older may be used for a new one.
inline constexpr std::chrono::hours kAnswerLifetime{24};

// kConflict if the key has an answer that still counts at `answer.created_at`.
base::Result<void> InsertAnswer(Session& session, std::string_view key, const StoredAnswer& answer);
// Nothing if unknown or older than `not_before`.
base::Result<std::optional<StoredAnswer>> FindAnswer(Session& session, std::string_view key, base::Time not_before);
base::Result<void> ForgetAnswersBefore(Session& session, base::Time time);

}  // namespace sealpost::store
