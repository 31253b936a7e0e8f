// The send path on real parts but for the queue, which is a list here, and the domains: example.com may send.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mailer/base/id.h"
#include "mailer/base/log.h"
#include "mailer/store/emails.h"
#include "mailer/store/templates.h"
#include "mailer/store/topics.h"
#include "mailer/submit/submitter.h"
#include "ratelimit/memory_limiter.h"
#include "tests/mailer/recipients/fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

namespace sealpost::submit::tests {

using recipients::tests::Good;
using recipients::tests::NowOf;

struct ExampleDomain final : SenderDomains {
  std::optional<model::SenderDomain> Find(std::string_view domain) const override {
    if (domain != "example.com") return std::nullopt;
    return model::SenderDomain{"example.com", "bounce.example.com"};
  }
  std::optional<std::string> Refused(std::string_view) const override { return refused; }
  std::optional<std::string> refused;
};

struct QueueList final : Intake {
  bool HasRoom(std::size_t count) override { return jobs.size() + count <= room; }
  void Put(model::Job job) override { jobs.push_back(std::move(job)); }
  std::vector<model::Job> jobs;
  std::size_t room = 10'000;
};

inline const base::Time kNow = base::FromMillis(1'767'225'600'000);

inline SendRequest Plain() {
  SendRequest request;
  request.from = "Shop <shop@example.com>";
  request.to = {"ann@example.org"};
  request.subject = "Hello";
  request.text = "Hello";
  return request;
}

inline SendRequest InCategory(const std::string& category, const std::string& to = "ann@example.org") {
  SendRequest request = Plain();
  request.to = {to};
  request.category = category;
  request.category_is_member = true;
  return request;
}

// One code a mailbox and half minute: the next one tells whether a charge was given back.
inline SendRequest Code(const std::string& to = "ann@example.org") {
  return InCategory("otp", to);
}

inline std::string JoinIds(const Outcome& outcome) {
  std::string text;
  for (const std::string& id : outcome.ids) text += id + "\n";
  return text;
}

class Fixture {
 public:
  Fixture() {
    key.id = base::NewId(clock.Now());
    key.permission = model::Permission::kFullAccess;
    key.may_assert_trust = true;
  }

  std::expected<Outcome, Failure> Submit(const std::vector<SendRequest>& requests, Mode mode = Mode::kStrict,
                                         const std::optional<Idempotency>& idempotency = std::nullopt,
                                         const MakeAnswer& make_answer = JoinIds) {
    decision.reset();
    return submitter.Submit(requests, mode, key, idempotency, make_answer, decision);
  }
  std::expected<Outcome, Failure> Submit(const SendRequest& request,
                                         const std::optional<Idempotency>& idempotency = std::nullopt) {
    return Submit(std::vector{request}, Mode::kStrict, idempotency);
  }
  // The id of an accepted message.
  std::string Accept(const SendRequest& request) {
    const auto outcome = Submit(request);
    REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().refusal.message));
    return outcome->ids.at(0);
  }
  Refusal Refused(const SendRequest& request) {
    const auto outcome = Submit(request);
    REQUIRE_FALSE(outcome.has_value());
    return outcome.error().refusal;
  }

  template <class Call>
  auto Read(const Call& call) -> decltype(call(std::declval<store::Session&>())) {
    decltype(call(std::declval<store::Session&>())) answer = base::Fail(base::ErrorKind::kInternal, "did not run");
    Good(database->Read([&](store::Session& session) -> base::Result<void> {
      answer = call(session);
      return {};
    }));
    return answer;
  }
  model::Email Stored(const std::string& id) {
    return Good(Read([&](store::Session& session) { return store::FindEmail(session, id, true); }));
  }
  std::vector<model::Delivery> Deliveries(const std::string& id) {
    return Good(Read([&](store::Session& session) { return store::DeliveriesOf(session, id); }));
  }
  std::vector<model::Event> Events(const std::string& id) {
    return Good(Read([&](store::Session& session) { return store::EventsOf(session, id); }));
  }
  // How many deliveries the store would hand to a queue that starts now.
  std::size_t Pending() {
    return Good(Read([](store::Session& session) { return store::PendingJobs(session, INT64_MIN, "", 1000); })).size();
  }

  std::string AddTopic(const std::string& default_subscription = "opt_in") {
    model::Topic topic;
    topic.id = base::NewId(clock.Now());
    topic.name = "News";
    topic.default_subscription = default_subscription;
    topic.created_at = clock.Now();
    Good(database->Write([&](store::Session& session) { return store::InsertTopic(session, topic); }));
    return topic.id;
  }
  // A template, published unless told otherwise; its alias is its name.
  model::Template AddTemplate(const std::string& name, model::TemplateVersion version, bool published = true) {
    model::Template value;
    value.id = base::NewId(clock.Now());
    value.name = value.alias = name;
    value.created_at = value.updated_at = clock.Now();
    value.draft = std::move(version);
    value.draft.id = base::NewId(clock.Now());
    if (published) {
      value.published = value.draft;
      value.published_at = clock.Now();
    }
    Good(database->Write([&](store::Session& session) { return store::InsertTemplate(session, value); }));
    return value;
  }

  sealpost::tests::TempFolder folder;
  sealpost::tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  base::Secret secret{"a secret of thirty-two characters"};
  base::TokenSigner tokens{secret};
  ExampleDomain domains;
  QueueList queue;
  model::ApiKey key;
  LastDecision decision;
  LimitRules limit_rules;
  std::unique_ptr<store::Database> database =
      Good(store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log));
  std::unique_ptr<recipients::Recipients> recipients = Good(recipients::Recipients::Load(*database, tokens, clock));
  std::unique_ptr<ratelimit::Limiter> limiter =
      ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), NowOf, static_cast<const base::Clock*>(&clock));
  Catalog catalog{*database};
  Answers answers{*database, clock};
  Submitter submitter{{*database,
                       *limiter,
                       *recipients,
                       catalog,
                       answers,
                       domains,
                       queue,
                       clock,
                       metrics,
                       "https://mail.example.com",
                       true,
                       {},
                       true}};
};

}  // namespace sealpost::submit::tests
