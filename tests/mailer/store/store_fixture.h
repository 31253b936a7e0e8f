// A database in a folder of its own, and small values to put into it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "mailer/base/log.h"
#include "mailer/model/email.h"
#include "mailer/store/database.h"
#include "tests/support/temp_folder.h"

namespace sealpost::store::tests {

inline base::Time At(std::int64_t millis) {
  return base::FromMillis(millis);
}

// "0190f3c2-0000-7000-8000-00000000000N": canonical, and sorted by its number.
inline std::string IdOf(int number) {
  const std::string digits = std::to_string(number);
  return "0190f3c2-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class StoreFixture {
 public:
  StoreFixture() { Reopen(); }

  void Reopen() {
    database_.reset();
    Options options;
    options.url = "sqlite://" + path();
    auto opened = Database::Open(options, log_);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    database_ = std::move(*opened);
  }

  void Close() { database_.reset(); }
  std::string path() const { return folder_.File("store.db"); }
  const sealpost::tests::TempFolder& folder() const { return folder_; }
  Database& database() { return *database_; }
  base::Log& log() { return log_; }

  base::Result<void> Write(const Database::Work& work) { return database_->Write(work); }

  // Runs a call that returns a Result with a value, with a read-only session.
  template <class Call>
  auto Read(const Call& call) -> decltype(call(std::declval<Session&>())) {
    decltype(call(std::declval<Session&>())) answer = base::Fail(base::ErrorKind::kInternal, "did not run");
    const auto done = database_->Read([&](Session& session) -> base::Result<void> {
      answer = call(session);
      if (!answer) return std::unexpected(answer.error());
      return {};
    });
    if (!done && answer) answer = std::unexpected(done.error());
    return answer;
  }

 private:
  sealpost::tests::TempFolder folder_;
  base::Log log_{base::LogLevel::kOff};
  std::unique_ptr<Database> database_;
};

inline model::Email EmailOf(int number) {
  model::Email email;
  email.id = IdOf(number);
  email.created_at = At(1000 + number);
  email.key_id = "key";
  email.message_id = "<" + email.id + "@example.com>";
  email.from = {"Shop", {"shop", "example.com"}};
  email.to = {{"", {"ann", "example.org"}}};
  email.subject = "Hello";
  email.extras.category = "otp";
  email.raw.bytes = "Subject: Hello\r\n\r\nHello\r\n";
  return email;
}

inline model::Delivery DeliveryOf(int number, int email_number) {
  model::Delivery delivery;
  delivery.id = IdOf(number);
  delivery.email_id = IdOf(email_number);
  delivery.recipient = {"ann", "example.org"};
  delivery.mailbox = "ann@example.org";
  delivery.next_attempt_at = At(2000);
  return delivery;
}

}  // namespace sealpost::store::tests
