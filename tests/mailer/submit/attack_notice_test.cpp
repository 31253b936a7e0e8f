#include "mailer/submit/attack_notice.h"

#include <algorithm>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using ratelimit::Signal;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct Victim : submit::tests::Fixture {
  // A message of this category that is really delivered.
  void Deliver(const std::string& to = "ann@example.org", const std::string& category = "receipt") {
    SendRequest request = submit::tests::Plain();
    request.to = {to};
    request.category = category;
    request.category_is_member = true;
    clock.Advance(seconds(1));
    model::Delivery delivery = Deliveries(Accept(request)).at(0);
    delivery.state = model::DeliveryState::kDelivered;
    model::Event event;
    event.email_id = delivery.email_id;
    event.delivery_id = delivery.id;
    event.type = "email.delivered";
    event.at = clock.Now();
    submit::tests::Good(
        database->Write([&](store::Session& session) { return store::RecordOutcome(session, delivery, event); }));
    queue.jobs.clear();
  }
  void Tell(Signal::Kind kind, const std::string& mailbox = "ann@example.org") { notice.Hear({kind, mailbox}); }
  // To whom notices went since the last time this was asked.
  std::string Sent() {
    notice.SendDue();
    std::string to;
    for (const model::Job& job : queue.jobs) to += job.delivery.recipient.ToString() + " ";
    if (!queue.jobs.empty()) last = Stored(queue.jobs.back().delivery.email_id);
    queue.jobs.clear();
    return to;
  }
  // Twenty refusals, and what the limiter tells of them.
  void Flood() {
    for (int i = 0; i < 21; ++i) {
      (void)Submit(submit::tests::Code());
      for (const Signal& signal : decision->signals) notice.Hear(signal);
    }
    queue.jobs.clear();
  }

  LimitRules rules;
  model::Email last;
  AttackNotice notice{
      {*database, *limiter, *recipients, submitter, rules, clock, log, "Shop <no-reply@example.com>", "secret"}};
};

using enum Signal::Kind;

}  // namespace

TEST_CASE("a victim who really got messages is told once, where the last one went, and never in the request") {
  Victim v;
  for (const char* to : {"ann@example.org", "ann@example.org", "Ann@example.org"}) v.Deliver(to);
  v.Tell(kUnderAttack);
  CHECK(v.queue.jobs.empty());
  CHECK(v.Sent() == "Ann@example.org ");
  CHECK(v.Sent().empty());
}

TEST_CASE("the notice is calm, ours and without a link, and warns of a false help desk") {
  Victim v;
  for (int i = 0; i < 3; ++i) v.Deliver();
  v.Tell(kUnderAttack);
  REQUIRE(v.Sent() == "ann@example.org ");
  CHECK(model::Format(v.last.from) == "Shop <no-reply@example.com>");
  CHECK(v.last.extras.category == "contact_ack");
  CHECK(v.last.tags.at(0).value == "attack_notice");
  const std::string& raw = v.last.raw.bytes;
  for (const char* part :
       {"Auto-Submitted: auto-generated", "requested from\r\nexample.com.", "We have slowed them\r\ndown",
        "nothing you have to do", "Never give a code or a\r\npassword to anybody"}) {
    CHECK_MESSAGE(raw.find(part) != std::string::npos, part << " is not in " << raw);
  }
  const std::string body = raw.substr(raw.find("\r\n\r\n"));
  CHECK(body.find("://") == std::string::npos);
  CHECK(body.find('@') == std::string::npos);
}

TEST_CASE("it draws from the umbrella of the victim") {
  Victim v;
  for (int i = 0; i < 3; ++i) v.Deliver();
  const auto used = [&] {
    for (const auto& usage : v.limiter->Explain({.mailbox = "ann@example.org"}).rules) {
      if (usage.rule == "umbrella-mailbox-1h") return usage.used;
    }
    return 99U;
  };
  CHECK(used() == 0);
  v.Tell(kUnderAttack);
  REQUIRE(v.Sent() == "ann@example.org ");
  CHECK(used() == 1);
}

TEST_CASE("who got less than three messages in a day is told nothing") {
  Victim v;
  v.Deliver();
  v.clock.Advance(hours(25));
  v.Deliver();
  v.Deliver();
  v.Deliver("bob@example.org");
  (void)v.Accept(submit::tests::Plain());  // accepted is not delivered
  v.queue.jobs.clear();
  v.Tell(kUnderAttack);
  CHECK(v.Sent().empty());
  v.Tell(kRecovered);
  CHECK(v.Sent().empty());
}

TEST_CASE("one notice in seven days, also after a restart") {
  Victim v;
  const auto attack = [&] {
    for (int i = 0; i < 3; ++i) v.Deliver();
    v.Tell(kUnderAttack);
    const std::string sent = v.Sent();
    v.Tell(kRecovered);
    CHECK(v.Sent().empty());
    return sent;
  };
  CHECK(attack() == "ann@example.org ");
  v.clock.Advance(days(3));
  CHECK(attack().empty());
  AttackNotice after_restart{
      {*v.database, *v.limiter, *v.recipients, v.submitter, v.rules, v.clock, v.log, "no-reply@example.com", "secret"}};
  after_restart.Hear({kUnderAttack, "ann@example.org"});
  after_restart.SendDue();
  CHECK(v.queue.jobs.empty());
  v.clock.Advance(days(4));
  CHECK(attack() == "ann@example.org ");
}

TEST_CASE("without room in the budget it is not sent, adds nothing to the attack, and goes when there is room") {
  Victim v;
  for (int i = 0; i < 3; ++i) v.Deliver("ann@example.org", "receipt");
  v.Deliver("ann@example.org", "invitation");
  v.Deliver("ann@example.org", "contact_ack");
  v.Flood();
  const auto refusals = [&] { return v.limiter->Explain({.mailbox = "ann@example.org"}).refusals_last_hour; };
  const auto before = refusals();
  REQUIRE(before >= 20);
  CHECK(v.Sent().empty());
  for (int i = 0; i < 5; ++i) {
    v.clock.Advance(minutes(10));
    CHECK(v.Sent().empty());
  }
  CHECK(refusals() == before);
  CHECK(v.Pending() == 1);  // the one code: no notice was stored
  v.clock.Advance(minutes(10));
  CHECK(v.Sent() == "ann@example.org ");
}

TEST_CASE("the end of the attack is the last time it is tried") {
  Victim v;
  v.Deliver();
  v.Tell(kUnderAttack);
  CHECK(v.Sent().empty());
  v.Deliver();
  v.Deliver();
  v.Tell(kRecovered);
  CHECK(v.Sent() == "ann@example.org ");
  v.Tell(kRecovered, "bob@example.org");
  for (int i = 0; i < 3; ++i) v.Deliver("bob@example.org");
  CHECK(v.Sent().empty());
}

TEST_CASE("who stopped mail from here is told nothing, and a surge is nobody's notice") {
  Victim v;
  for (int i = 0; i < 3; ++i) v.Deliver();
  v.limiter->Block("ann@example.org", base::ToMillis(v.clock.Now() + days(1)));
  v.Tell(kUnderAttack);
  v.Tell(kDomainSurge, "example.org");
  CHECK(v.Sent().empty());
}

TEST_CASE("many victims have their turns") {
  Victim v;
  std::string all;
  for (int i = 0; i < 12; ++i) {
    const std::string to = "m" + std::to_string(i) + "@example.org";
    for (int k = 0; k < 3; ++k) v.Deliver(to);
    v.Tell(kUnderAttack, to);
  }
  for (int i = 0; i < 3; ++i) all += v.Sent();
  CHECK(std::ranges::count(all, ' ') == 12);
  CHECK(v.Sent().empty());
}

TEST_CASE("a notice that the submitter refuses may be tried again") {
  Victim v;
  for (int i = 0; i < 3; ++i) v.Deliver();
  v.domains.refused = "its records fail";
  v.Tell(kUnderAttack);
  CHECK(v.Sent().empty());
  v.domains.refused.reset();
  CHECK(v.Sent().empty());
  v.clock.Advance(minutes(10));
  CHECK(v.Sent() == "ann@example.org ");
}
