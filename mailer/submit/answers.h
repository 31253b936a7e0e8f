// Idempotency-Key: the first 2xx answer again for a repeat, a conflict while the first is still running or when the
// key comes with another payload. Kept 24 hours, in the transaction of the messages it answers for; a request that
// was refused does not burn its key. (draft-ietf-httpapi-idempotency-key-header-07, with the Resend codes.)
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "mailer/base/clock.h"
#include "mailer/base/guarded.h"
#include "mailer/store/database.h"
#include "mailer/store/idempotency.h"
#include "mailer/submit/request.h"

namespace sealpost::submit {

// Thread safe.
class Answers {
 public:
  // A key that this request holds until it goes out of scope.
  class Claim {
   public:
    Claim() = default;
    Claim(Answers* answers, std::string key) : answers_(answers), key_(std::move(key)) {}
    Claim(Claim&& other) noexcept : answers_(std::exchange(other.answers_, nullptr)), key_(std::move(other.key_)) {}
    Claim& operator=(Claim&& other) noexcept;
    ~Claim();

   private:
    Answers* answers_ = nullptr;
    std::string key_;
  };
  struct Begun {
    Claim claim;
    std::optional<store::StoredAnswer> replay;  // answer this, do nothing else
  };

  Answers(store::Database& database, const base::Clock& clock) : database_(database), clock_(clock) {}
  std::expected<Begun, Refusal> Begin(const std::string& key, const std::string& fingerprint);
  // Forgets what is older than it is kept; call it now and then.
  void Sweep();

 private:
  store::Database& database_;
  const base::Clock& clock_;
  base::Guarded<std::set<std::string>> running_;
};

}  // namespace sealpost::submit
