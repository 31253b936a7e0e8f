// A store with one topical message in it, and the recipients' choices over it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "mailer/base/log.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/emails.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

namespace sealpost::recipients::tests {

template <class T>
T Good(base::Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline std::int64_t NowOf(const void* clock) {
  return base::ToMillis(static_cast<const base::Clock*>(clock)->Now());
}

class Fixture {
 public:
  Fixture() { Reload(); }

  // What a restart would see.
  void Reload() {
    recipients.reset();
    if (!database) database = Good(store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log));
    recipients = Good(Recipients::Load(*database, tokens, clock));
  }

  // What was posted before is on disk afterwards.
  void Settle() {
    Good(database->Write([](store::Session&) { return base::Result<void>(); }));
  }

  model::Topic AddTopic(const std::string& default_subscription = "opt_in") {
    model::Topic topic;
    topic.id = base::NewId(clock.Now());
    topic.name = "News";
    topic.default_subscription = default_subscription;
    topic.created_at = clock.Now();
    Good(database->Write([&](store::Session& session) { return store::InsertTopic(session, topic); }));
    return topic;
  }

  // The unsubscribe token of a message with that topic ("" for none) to `address`, whose mailbox is `mailbox`.
  std::string AddMail(const std::string& topic_id, const model::Address& address = {"ann", "example.org"},
                      const std::string& mailbox = "ann@example.org") {
    model::Email email;
    email.id = base::NewId(clock.Now());
    email.created_at = clock.Now();
    email.from = {"", {"shop", "example.com"}};
    email.to = {{"", address}};
    email.topic_id = topic_id;
    email.raw.bytes = "Subject: x\r\n\r\nx\r\n";
    model::Delivery delivery;
    delivery.id = base::NewId(clock.Now());
    delivery.email_id = email.id;
    delivery.recipient = address;
    delivery.mailbox = mailbox;
    Good(database->Write([&](store::Session& session) { return store::InsertEmail(session, email, {delivery}); }));
    return tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(delivery.id));
  }

  sealpost::tests::TempFolder folder;
  sealpost::tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Secret secret{"a secret of thirty-two characters"};
  base::TokenSigner tokens{secret};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Recipients> recipients;
};

}  // namespace sealpost::recipients::tests
