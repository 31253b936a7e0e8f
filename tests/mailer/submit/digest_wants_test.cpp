// Who waits for a digest, and how long.
#include "mailer/submit/limit_request.h"
#include "tests/mailer/submit/held_fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using namespace std::chrono_literals;
using Desk = sealpost::submit::tests::HeldDesk;

namespace {

// As a limiter says for a category that waits while the counters are away.
struct CountersAway final : ratelimit::Limiter {
  ratelimit::Decision Admit(const ratelimit::Request&) override {
    ratelimit::Decision decision;
    decision.outcome = ratelimit::Outcome::kHeld;
    decision.rule = "notification-mailbox-1m";  // the nearest one, which has room
    decision.on_limit = ratelimit::OnLimit::kDigest;
    decision.hold = 60s;
    return decision;
  }
  ratelimit::Decision Check(const ratelimit::Request& request) override { return Admit(request); }
  ratelimit::Explanation Explain(const ratelimit::Recipient&) override { return {}; }
  void Refund(const ratelimit::Request&) override {}
  bool Block(const std::string&, std::int64_t) override { return false; }
  bool Unblock(const std::string&) override { return false; }
  bool Reset(const std::string&) override { return false; }
  ratelimit::AttackState Recover(const std::string&) override { return {}; }
  bool Seed(const std::string&, const std::vector<ratelimit::Accepted>&) override { return false; }
};

}  // namespace

TEST_CASE("what is over a limit of a digest category waits an hour at least") {
  Desk desk;
  desk.Fill();
  const std::string id = desk.Hold(desk.Notification("Held"));
  const model::Delivery delivery = desk.Deliveries(id).at(0);
  CHECK(delivery.held_by == "notification-mailbox-1m");
  CHECK(delivery.next_attempt_at == desk.clock.Now() - 1ms + 1h);
  CHECK(desk.LastEvent(id).type == "email.delivery_delayed");
  CHECK(desk.LastEvent(id).next_attempt_at == delivery.next_attempt_at);
  REQUIRE(desk.queue.jobs.size() == 1);
  CHECK(desk.digests.Wants(desk.queue.jobs[0]));
  SendRequest brief = desk.Notification("Brief");
  brief.expires_at = desk.clock.Now() + 1h;
  CHECK(desk.Refused(brief).kind == RefusalKind::kLimited);
}

TEST_CASE("who is not over the limit waits for nobody") {
  Desk desk;
  desk.Fill();
  SendRequest both = desk.Notification("Both");
  both.cc = {"bob@example.org"};
  const auto deliveries = desk.Deliveries(desk.Hold(both));
  for (const model::Job& job : desk.queue.jobs) {
    const bool is_ann = job.delivery.mailbox == "ann@example.org";
    CHECK(job.delivery.next_attempt_at == desk.clock.Now() - 1ms + (is_ann ? 1h : 0h));
    CHECK(desk.digests.Wants(job) == is_ann);
    if (!is_ann) CHECK(desk.submitter.AskAgain(job).admitted());
  }
  CHECK(deliveries.size() == 2);
}

TEST_CASE("a held delivery that finds no room when it is asked about alone waits for the digest from then on") {
  Desk desk;
  desk.Fill();
  desk.Hold(desk.Notification("Held"));
  model::Job job = desk.queue.jobs.at(0);
  job.delivery.next_attempt_at = desk.clock.Now();
  CHECK_FALSE(desk.digests.Wants(job));
  const ratelimit::Decision decision = desk.submitter.AskAgain(job);
  CHECK(decision.outcome == ratelimit::Outcome::kHeld);
  CHECK(decision.hold == 1h);
}

TEST_CASE("a receipt is no matter for a digest, nor is what waits for the counters") {
  Desk desk;
  model::Job job;
  job.created_at = desk.clock.Now();
  job.delivery.next_attempt_at = desk.clock.Now() + 2h;
  job.category = "notification";
  job.delivery.state = model::DeliveryState::kDelayed;
  CHECK_FALSE(desk.digests.Wants(job));  // not held
  job.delivery.held_by = "notification-mailbox-1m";
  CHECK(desk.digests.Wants(job));
  job.delivery.state = model::DeliveryState::kScheduled;
  CHECK_FALSE(desk.digests.Wants(job));  // its time comes first
  job.delivery.state = model::DeliveryState::kDelayed;
  job.delivery.held_by = kCountersAway;
  CHECK_FALSE(desk.digests.Wants(job));
  job.delivery.held_by = "receipt-mailbox-1h";
  for (const std::string category : {"receipt", "otp", "unknown"}) {
    job.category = category;
    CHECK_FALSE(desk.digests.Wants(job));
  }
}

TEST_CASE("a category of the operator's own is told in a digest where it says so") {
  LimitRules rules;
  auto& own = rules.policy.categories.emplace_back(rules.policy.For(ratelimit::Category::kNotification));
  own.category = static_cast<ratelimit::Category>(ratelimit::kShippedCategories);
  own.name = "mention";
  Desk desk;
  const Digests digests{
      {*desk.database, *desk.limiter, *desk.recipients, desk.catalog, desk.clock, desk.log, desk.metrics, "", rules}};
  model::Job job;
  job.created_at = desk.clock.Now();
  job.delivery.next_attempt_at = desk.clock.Now() + 1h;
  job.delivery.held_by = "mention-mailbox-1m";
  job.delivery.state = model::DeliveryState::kDelayed;
  job.category = "mention";
  CHECK(digests.Wants(job));
  CHECK_FALSE(desk.digests.Wants(job));
}

TEST_CASE("while the counters are away a message waits for them and for no digest, and what waits for one goes on so") {
  Desk desk;
  CountersAway away;
  Submitter submitter{{*desk.database,
                       away,
                       *desk.recipients,
                       desk.catalog,
                       desk.answers,
                       desk.domains,
                       desk.queue,
                       desk.clock,
                       desk.metrics,
                       "",
                       false,
                       {},
                       true}};
  LastDecision decision;
  const auto outcome = submitter.Submit({desk.Notification("Held")}, Mode::kStrict, desk.key, std::nullopt,
                                        sealpost::submit::tests::JoinIds, decision);
  REQUIRE(outcome);
  CHECK(outcome->fates.at(0) == Fate::kHeld);
  const std::string id = outcome->ids.at(0);
  CHECK(desk.Deliveries(id).at(0).held_by == kCountersAway);
  CHECK(desk.LastEvent(id).reply == "held until the counters of the installation are back");
  model::Job job = desk.queue.jobs.at(0);
  CHECK(job.delivery.next_attempt_at == desk.clock.Now() + 60s);
  CHECK(submitter.AskAgain(job).rule == kCountersAway);
  CHECK(submitter.AskAgain(job).hold == 60s);
  job.delivery.next_attempt_at += 3h;  // a long outage
  CHECK_FALSE(desk.digests.Wants(job));

  Digests digests{{*desk.database, away, *desk.recipients, desk.catalog, desk.clock, desk.log, desk.metrics, "", {}}};
  job.delivery.held_by = "notification-mailbox-1h";
  std::vector<model::Job> held{job};
  const ratelimit::Decision later = digests.Ask(held);
  CHECK(later.outcome == ratelimit::Outcome::kHeld);
  CHECK(later.rule == "notification-mailbox-1h");
  CHECK(later.hold == 60s);
}
