// What becomes of a send that is over a limit or equals an earlier one.
#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "mailer/submit/limit_request.h"
#include "mailer/submit/submitter.h"
#include "tests/mailer/submit/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::submit;
using namespace std::chrono_literals;
using sealpost::submit::tests::Fixture;
using sealpost::submit::tests::Good;
using sealpost::submit::tests::InCategory;
using sealpost::submit::tests::Plain;

namespace {

Fate FateOf(const std::expected<Outcome, Failure>& outcome) {
  REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().refusal.message));
  return outcome->fates.at(0);
}

}  // namespace

TEST_CASE("an equal notification is answered with the earlier id; nothing is stored, sent or charged") {
  Fixture fixture;
  const auto first = fixture.Submit(InCategory("notification"));
  CHECK(FateOf(first) == Fate::kAccepted);
  for (int i = 0; i < 20; ++i) {
    const auto again = fixture.Submit(InCategory("notification"));
    CHECK(FateOf(again) == Fate::kCoalesced);
    CHECK(again->ids == first->ids);
  }
  CHECK(fixture.Pending() == 1);
  CHECK(fixture.queue.jobs.size() == 1);
  SendRequest other = InCategory("notification");
  for (int i = 0; i < 5; ++i) {  // six in a minute: the repeats took none of them
    other.text = "Number " + std::to_string(i);
    CHECK(FateOf(fixture.Submit(other)) == Fate::kAccepted);
  }
  fixture.clock.Advance(5min);
  CHECK(FateOf(fixture.Submit(InCategory("notification"))) == Fate::kAccepted);
}

TEST_CASE("a code is sent once for a dedupe key") {
  Fixture fixture;
  SendRequest code = InCategory("otp");
  code.dedupe_key = "login-7";
  const std::string id = fixture.Accept(code);
  CHECK(fixture.Accept(code) == id);
  CHECK(fixture.Refused(InCategory("otp")).kind == RefusalKind::kLimited);
}

TEST_CASE("a repeat within a batch stands behind the first, in either mode") {
  for (const Mode mode : {Mode::kStrict, Mode::kPermissive}) {
    Fixture fixture;
    const auto outcome = fixture.Submit(
        {InCategory("notification"), InCategory("notification"), InCategory("notification", "bob@example.org")}, mode);
    REQUIRE(outcome);
    CHECK(outcome->ids.size() == 3);
    CHECK(outcome->ids[0] == outcome->ids[1]);
    CHECK(outcome->fates == std::vector{Fate::kAccepted, Fate::kCoalesced, Fate::kAccepted});
    CHECK(fixture.Pending() == 2);
  }
}

TEST_CASE("a strict batch that fails after a repeat frees the content again") {
  Fixture fixture;
  SendRequest bad = Plain();
  bad.to = {"nobody"};
  CHECK_FALSE(fixture.Submit({InCategory("notification"), InCategory("notification"), bad}));
  CHECK(FateOf(fixture.Submit(InCategory("notification"))) == Fate::kAccepted);
  CHECK(fixture.Pending() == 1);
}

TEST_CASE("a coalesced answer is kept for its idempotency key, and a key of another payload conflicts") {
  Fixture fixture;
  const std::string id = fixture.Accept(InCategory("notification"));
  const auto coalesced = fixture.Submit(InCategory("notification"), Idempotency{"k", "f"});
  CHECK(FateOf(coalesced) == Fate::kCoalesced);
  fixture.clock.Advance(1h);
  const auto again = fixture.Submit(InCategory("notification"), Idempotency{"k", "f"});
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->answer == id + "\n");
  CHECK(fixture.Submit(InCategory("notification"), Idempotency{"k", "g"}).error().refusal.kind ==
        RefusalKind::kIdempotencyReused);
}

TEST_CASE("a repeat of a message that could not be stored is sent") {
  Fixture fixture;
  {
    const sealpost::tests::FullDisk full;
    CHECK(fixture.Refused(InCategory("notification")).kind == RefusalKind::kUnavailable);
  }
  REQUIRE(sealpost::tests::WaitFor([&] { return fixture.database->Writable(); }));
  CHECK(FateOf(fixture.Submit(InCategory("notification"))) == Fate::kAccepted);
  CHECK(fixture.Pending() == 1);
}

TEST_CASE("a repeat of a message that was lost between the limiter and the disk is sent, and counted") {
  Fixture fixture;
  // As after a crash: the limiter knows a request that no store has.
  ratelimit::Request lost;
  lost.id = base::NewId(fixture.clock.Now());
  lost.recipients = {{.mailbox = "ann@example.org"}};
  lost.category = ratelimit::Category::kOtp;
  lost.content = "key:login-7 of " + fixture.key.id;
  REQUIRE(fixture.limiter->Admit(lost).admitted());
  SendRequest code = InCategory("otp");
  code.dedupe_key = "login-7";
  CHECK(fixture.Refused(code).kind == RefusalKind::kLimited);
  fixture.clock.Advance(30s);
  CHECK(FateOf(fixture.Submit(code)) == Fate::kAccepted);
  CHECK(fixture.Refused(code).kind == RefusalKind::kLimited);
}

TEST_CASE("what another application names by the same dedupe key is another message") {
  Fixture fixture;
  SendRequest code = InCategory("otp");
  code.dedupe_key = "login-7";
  fixture.Accept(code);
  CHECK(FateOf(fixture.Submit(code)) == Fate::kCoalesced);
  fixture.key.id = base::NewId(fixture.clock.Now());
  CHECK(fixture.Refused(code).kind == RefusalKind::kLimited);
}

TEST_CASE("a repeat waits for what it repeats, and goes itself when that one fails") {
  for (const bool fails : {false, true}) {
    Fixture fixture;
    std::jthread repeater;
    std::expected<Outcome, Failure> repeat;
    const auto first =
        fixture.Submit({InCategory("notification")}, Mode::kStrict, Idempotency{"k", "f"}, [&](const Outcome& o) {
          repeater = std::jthread([&] {
            LastDecision decision;
            repeat = fixture.submitter.Submit({InCategory("notification")}, Mode::kStrict, fixture.key, std::nullopt,
                                              sealpost::submit::tests::JoinIds, decision);
          });
          // Somebody else's answer to the key makes the commit of the first fail.
          const store::StoredAnswer answer{"f", 200, "theirs", fixture.clock.Now()};
          if (fails) {
            Good(fixture.database->Write(
                [&](store::Session& session) { return store::InsertAnswer(session, "k", answer); }));
          }
          return o.ids.at(0);
        });
    repeater.join();
    CHECK(first.has_value() != fails);
    CHECK(FateOf(repeat) == (fails ? Fate::kAccepted : Fate::kCoalesced));
    if (!fails) CHECK(repeat->ids == first->ids);
    CHECK(fixture.Pending() == 1);
  }
}

TEST_CASE("equal messages sent at once are one message") {
  Fixture fixture;
  std::vector<std::string> ids(8);
  {
    std::vector<std::jthread> senders;
    for (std::string& id : ids) {
      senders.emplace_back([&] {
        LastDecision decision;
        const auto outcome = fixture.submitter.Submit({InCategory("notification")}, Mode::kStrict, fixture.key,
                                                      std::nullopt, sealpost::submit::tests::JoinIds, decision);
        if (outcome) id = outcome->ids.at(0);
      });
    }
  }
  for (const std::string& id : ids) CHECK(id == ids[0]);
  CHECK(base::IsId(ids[0]));
  CHECK(fixture.Pending() == 1);
}

TEST_CASE("an acknowledgement over its limit is answered as accepted, stored as suppressed, and goes to nobody") {
  Fixture fixture;
  const std::string first = fixture.Accept(InCategory("contact_ack"));
  SendRequest both = InCategory("contact_ack");
  both.cc = {"bob@example.org"};
  const auto outcome = fixture.Submit(both, Idempotency{"k", "f"});
  CHECK(FateOf(outcome) == Fate::kSuppressed);
  const std::string id = outcome->ids.at(0);
  CHECK(id != first);
  for (const model::Delivery& delivery : fixture.Deliveries(id)) {
    CHECK(delivery.state == model::DeliveryState::kSuppressed);
  }
  const auto events = fixture.Events(id);
  CHECK(events.size() == 4);
  CHECK(events.back().type == "email.suppressed");
  CHECK(events.back().reply.find("contact_ack-mailbox-1h") != std::string::npos);
  CHECK(fixture.queue.jobs.size() == 1);
  CHECK(fixture.Pending() == 1);
  CHECK(fixture.Submit(both, Idempotency{"k", "f"})->replayed);
  CHECK(FateOf(fixture.Submit(InCategory("contact_ack", "bob@example.org"))) == Fate::kAccepted);  // was not charged
}

TEST_CASE("the recipient's own block refuses by name, whatever the category does over a limit") {
  Fixture fixture;
  REQUIRE(fixture.limiter->Block("ann@example.org", base::ToMillis(fixture.clock.Now() + 24h)));
  for (const std::string category : {"otp", "contact_ack", "receipt", "notification"}) {
    CHECK_MESSAGE(fixture.Refused(InCategory(category)).kind == RefusalKind::kRecipientOptedOut, category);
  }
  CHECK(fixture.Pending() == 0);
  CHECK(FateOf(fixture.Submit(InCategory("security_alert"))) == Fate::kAccepted);
  SendRequest trusted = InCategory("otp");
  trusted.trust = "session";
  CHECK(FateOf(fixture.Submit(trusted)) == Fate::kAccepted);
}

TEST_CASE("invitations of one user are counted over all mailboxes") {
  Fixture fixture;
  const auto invite = [&](int number, const std::string& user) {
    SendRequest request = InCategory("invitation", "m" + std::to_string(number) + "@example.org");
    request.user_id = user;
    return fixture.Submit(request);
  };
  for (int i = 0; i < 20; ++i) CHECK(FateOf(invite(i, "u1")) == Fate::kAccepted);
  CHECK(invite(20, "u1").error().refusal.message.find("invitation-inviter-1h") != std::string::npos);
  CHECK(FateOf(invite(20, "u2")) == Fate::kAccepted);
}

TEST_CASE("a recipient confirmed once has the wider umbrella later, asserted or not") {
  Fixture fixture;
  SendRequest asserted = InCategory("otp");
  asserted.recipient_confirmed = true;
  fixture.Accept(asserted);
  CHECK(fixture.recipients->IsConfirmed("ann@example.org"));
  fixture.clock.Advance(1h);
  const auto accepted_in_an_hour = [&](const std::string& to) {
    int accepted = 0;
    for (int i = 0; i < 4; ++i) {
      for (const std::string category : {"otp", "password_reset", "signup_confirmation"}) {
        accepted += fixture.Submit(InCategory(category, to)).has_value() ? 1 : 0;
        fixture.clock.Advance(2min);
      }
    }
    return accepted;
  };
  CHECK(accepted_in_an_hour("ann@example.org") == 8);
  CHECK(accepted_in_an_hour("bob@example.org") == 6);
}

TEST_CASE("an assertion counts only from a key that may assert it, with a message that was accepted") {
  Fixture fixture;
  SendRequest asserted = InCategory("otp");
  asserted.recipient_confirmed = true;
  fixture.key.may_assert_trust = false;
  CHECK(fixture.Refused(asserted).kind == RefusalKind::kNotPermitted);
  CHECK_FALSE(fixture.recipients->IsConfirmed("ann@example.org"));
  fixture.key.may_assert_trust = true;
  fixture.Accept(InCategory("otp"));
  CHECK(fixture.Refused(asserted).kind == RefusalKind::kLimited);
  CHECK_FALSE(fixture.recipients->IsConfirmed("ann@example.org"));
}

TEST_CASE("a receipt over its limit is stored and held until there is room, uncharged, with its rule") {
  Fixture fixture;
  for (int i = 0; i < 10; ++i) fixture.Accept(InCategory("receipt"));
  fixture.clock.Advance(20min);
  const auto held = fixture.Submit(InCategory("receipt"), Idempotency{"k", "f"});
  CHECK(FateOf(held) == Fate::kHeld);
  const std::string id = held->ids.at(0);
  const model::Delivery delivery = fixture.Deliveries(id).at(0);
  CHECK(delivery.state == model::DeliveryState::kDelayed);
  CHECK(delivery.held_by == "receipt-mailbox-1h");
  CHECK(delivery.next_attempt_at == fixture.clock.Now() + 40min);
  const auto events = fixture.Events(id);
  REQUIRE(events.size() == 2);
  CHECK(events[1].type == "email.delivery_delayed");
  CHECK(events[1].reply.find("receipt-mailbox-1h") != std::string::npos);
  CHECK(events[1].next_attempt_at == delivery.next_attempt_at);
  CHECK(fixture.Pending() == 11);
  CHECK(fixture.queue.jobs.back().delivery.held_by == "receipt-mailbox-1h");
  CHECK(fixture.Submit(InCategory("receipt"), Idempotency{"k", "f"})->replayed);

  const model::Job job = fixture.queue.jobs.back();
  CHECK(fixture.submitter.AskAgain(job).outcome == ratelimit::Outcome::kHeld);
  fixture.clock.Advance(40min);
  for (int i = 0; i < 9; ++i) fixture.Accept(InCategory("receipt"));
  CHECK(fixture.submitter.AskAgain(job).admitted());  // the tenth place, which it is charged now
  CHECK(fixture.submitter.AskAgain(job).admitted());  // and no other one, should a crash have come between
  CHECK(FateOf(fixture.Submit(InCategory("receipt"))) == Fate::kHeld);
}

TEST_CASE("what would be too old when there is room is refused, and so is what nobody would ask about again") {
  Fixture fixture;
  for (int i = 0; i < 10; ++i) fixture.Accept(InCategory("receipt"));
  SendRequest brief = InCategory("receipt");
  brief.expires_at = fixture.clock.Now() + 30min;
  CHECK(fixture.Refused(brief).kind == RefusalKind::kLimited);
  brief.expires_at = fixture.clock.Now() + 2h;
  CHECK(FateOf(fixture.Submit(brief)) == Fate::kHeld);
  fixture.queue.room = 0;
  CHECK(fixture.Refused(InCategory("receipt")).kind == RefusalKind::kUnavailable);
  Submitter without{{*fixture.database, *fixture.limiter, *fixture.recipients, fixture.catalog, fixture.answers,
                     fixture.domains, fixture.queue, fixture.clock, fixture.metrics, ""}};
  LastDecision decision;
  const auto refused = without.Submit({InCategory("receipt")}, Mode::kStrict, fixture.key, std::nullopt,
                                      sealpost::submit::tests::JoinIds, decision);
  CHECK(refused.error().refusal.kind == RefusalKind::kLimited);
}

TEST_CASE("a held message is asked about with all that its request told") {
  Fixture fixture;
  SendRequest request = InCategory("invitation", "ann+x@example.org");
  request.user_id = "u1";
  request.workspace_id = "w1";
  request.workspace_verified = true;
  request.client_ip = "192.0.2.1";
  request.recipient_confirmed = true;
  const std::string id = fixture.Accept(request);
  const model::Delivery delivery = fixture.Deliveries(id).at(0);
  const ratelimit::Request asked = MakeLimitRequest(fixture.Stored(id), delivery, false, {});
  CHECK(asked.id == delivery.id);
  CHECK(asked.category == ratelimit::Category::kInvitation);
  CHECK(asked.key == fixture.key.id);
  CHECK(asked.inviter == "u1");
  CHECK(asked.workspace == "w1");
  CHECK(asked.workspace_verified);
  CHECK(asked.source == "192.0.2.1");
  CHECK(asked.content.empty());
  REQUIRE(asked.recipients.size() == 1);
  CHECK(asked.recipients[0].mailbox == "ann+x@example.org");
  CHECK(asked.recipients[0].family == "ann@example.org");
  CHECK(asked.recipients[0].domain == "example.org");
  CHECK(asked.recipients[0].confirmed);
}

TEST_CASE("a held delivery whose message cannot be read is kept") {
  Fixture fixture;
  model::Job job;
  job.delivery.email_id = base::NewId(fixture.clock.Now());
  job.delivery.held_by = "receipt-mailbox-1h";
  CHECK(fixture.submitter.AskAgain(job).outcome == ratelimit::Outcome::kHeld);
}
