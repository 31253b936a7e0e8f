#include "mailer/submit/submitter.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::Code;
using sealpost::submit::tests::Fixture;
using sealpost::submit::tests::Good;
using sealpost::submit::tests::Plain;

TEST_CASE("an accepted message is stored with its deliveries before its id is told, and then queued") {
  Fixture fixture;
  SendRequest request = Plain();
  request.cc = {"Bob <bob@example.org>"};
  request.bcc = {"carl@example.org"};
  request.tags = {{"plan", "pro"}};
  request.user_id = "u1";
  const std::string id = fixture.Accept(request);
  const model::Email email = fixture.Stored(id);
  CHECK(email.key_id == fixture.key.id);
  CHECK(email.subject == "Hello");
  CHECK(email.cc.at(0).name == "Bob");
  CHECK(email.extras.user_id == "u1");
  CHECK(email.extras.category == "uncategorized");
  CHECK(email.raw.bytes.find("carl@example.org") == std::string::npos);
  REQUIRE(fixture.queue.jobs.size() == 3);
  CHECK(fixture.Pending() == 3);
  CHECK(fixture.queue.jobs[2].delivery.recipient.ToString() == "carl@example.org");
  CHECK(fixture.queue.jobs[0].content == fixture.queue.jobs[2].content);  // composed once
  CHECK(fixture.queue.jobs[0].content->bytes == email.raw.bytes);
  CHECK(fixture.queue.jobs[0].from_domain == "example.com");
}

TEST_CASE("spellings of one mailbox are one delivery, so one charge is one message") {
  Fixture fixture;
  SendRequest request = Plain();
  request.to.clear();
  for (int i = 0; i < 50; ++i) request.to.push_back("v.ictim+" + std::to_string(i) + "@gmail.com");
  const std::string id = fixture.Accept(request);
  CHECK(fixture.queue.jobs.size() == 1);
  CHECK(fixture.Deliveries(id).size() == 1);
}

TEST_CASE("mail from a domain that is not declared is refused, also when a template brings the sender") {
  Fixture fixture;
  SendRequest request = Plain();
  request.from = "shop@other.example";
  CHECK(fixture.Refused(request).kind == RefusalKind::kDomainNotDeclared);
  request.from = "shop@sub.example.com";
  CHECK(fixture.Refused(request).kind == RefusalKind::kDomainNotDeclared);
  model::TemplateVersion version;
  version.subject = "Hi";
  version.html = "<p>x</p>";
  version.from = "shop@other.example";
  fixture.AddTemplate("other", version);
  request = Plain();
  request.from.clear();
  request.subject.reset();
  request.text.reset();
  request.template_use = TemplateUse{"other", {}};
  CHECK(fixture.Refused(request).kind == RefusalKind::kDomainNotDeclared);
}

TEST_CASE("a domain whose mail is refused says why, charges nothing, and is taken again later") {
  Fixture fixture;
  fixture.domains.refused = "Mail from example.com is refused: SPF-NONE.";
  const Refusal refusal = fixture.Refused(Code());
  CHECK(refusal.kind == RefusalKind::kDomainRefused);
  CHECK(refusal.message == *fixture.domains.refused);
  CHECK(refusal.field == "/from");
  CHECK(fixture.Pending() == 0);
  fixture.domains.refused.reset();
  fixture.Accept(Code());
}

TEST_CASE("sender, subject and reply address of a template count unless the request has its own") {
  Fixture fixture;
  model::TemplateVersion version;
  version.subject = "Template";
  version.html = "<p>x</p>";
  version.from = "Template <t@example.com>";
  version.reply_to = {"help@example.com"};
  const model::Template stored = fixture.AddTemplate("welcome", version);
  SendRequest request;
  request.to = {"ann@example.org"};
  request.template_use = TemplateUse{"welcome", {}};
  const model::Email email = fixture.Stored(fixture.Accept(request));
  CHECK(model::Format(email.from) == "Template <t@example.com>");
  CHECK(model::Format(email.reply_to.at(0)) == "help@example.com");
  CHECK(email.template_id == stored.id);
  request.from = "own@example.com";
  request.reply_to = {"own-reply@example.com"};
  request.subject = "Own";
  const model::Email own = fixture.Stored(fixture.Accept(request));
  CHECK(model::Format(own.from) == "own@example.com");
  CHECK(model::Format(own.reply_to.at(0)) == "own-reply@example.com");
  CHECK(own.subject == "Own");
}

TEST_CASE("an unknown template or topic is not found, and nothing is charged") {
  Fixture fixture;
  SendRequest request = Code();
  request.topic_id = base::NewId(fixture.clock.Now());
  CHECK(fixture.Refused(request).kind == RefusalKind::kNotFound);
  request.topic_id = "news";
  CHECK(fixture.Refused(request).kind == RefusalKind::kInvalidParameter);
  request = Code();
  request.text.reset();
  request.template_use = TemplateUse{"none", {}};
  CHECK(fixture.Refused(request).field == "/template/id");
  fixture.Accept(Code());
}

TEST_CASE("the limiter's refusal names rule and time, stores nothing and charges nobody") {
  Fixture fixture;
  fixture.Accept(Code("ann@example.org"));
  SendRequest both = Code("bob@example.org");
  both.cc = {"ann@example.org"};
  const Refusal refusal = fixture.Refused(both);
  CHECK(refusal.kind == RefusalKind::kLimited);
  CHECK(refusal.message.find("otp-mailbox-30s") != std::string::npos);
  REQUIRE(fixture.decision);
  CHECK(fixture.decision->refused == std::vector<std::string>{"ann@example.org"});
  CHECK(fixture.queue.jobs.size() == 1);
  fixture.Accept(Code("bob@example.org"));
}

TEST_CASE("a template that does not render gives the charge back") {
  Fixture fixture;
  model::TemplateVersion version;
  version.subject = "Hi {{name}}";
  version.html = "<p>x</p>";
  fixture.AddTemplate("welcome", version);
  SendRequest request = Code();
  request.subject.reset();
  request.text.reset();
  request.template_use = TemplateUse{"welcome", {}};
  CHECK(fixture.Refused(request).field == "/template/variables/name");
  fixture.Accept(Code());
}

TEST_CASE("a message that cannot be composed gives the charge back") {
  Fixture fixture;
  SendRequest request = Code();
  request.headers = {{"Bcc", "x@example.org"}};
  CHECK(fixture.Refused(request).field == "/headers/Bcc");
  fixture.Accept(Code());
}

TEST_CASE("a full queue gives the charge back and stores nothing") {
  Fixture fixture;
  fixture.queue.room = 0;
  CHECK(fixture.Refused(Code()).kind == RefusalKind::kUnavailable);
  CHECK(fixture.Pending() == 0);
  fixture.queue.room = 1;
  fixture.Accept(Code());
}

TEST_CASE("a commit that fails gives the charge back and leaves nothing behind") {
  Fixture fixture;
  // Somebody else stores the key between the claim and the commit, so that the whole piece of work is undone.
  const auto interfere = [&](const Outcome&) {
    const store::StoredAnswer answer{"f", 200, "theirs", fixture.clock.Now()};
    Good(fixture.database->Write([&](store::Session& session) { return store::InsertAnswer(session, "k", answer); }));
    return std::string("ours");
  };
  const auto outcome = fixture.Submit({Code()}, Mode::kStrict, Idempotency{"k", "f"}, interfere);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().refusal.kind == RefusalKind::kUnavailable);
  CHECK(fixture.Pending() == 0);
  CHECK(fixture.queue.jobs.empty());
  fixture.Accept(Code());
}

TEST_CASE("something that throws on the way gives the charge back") {
  Fixture fixture;
  const auto fail = [](const Outcome&) -> std::string { throw std::bad_alloc(); };
  CHECK_THROWS(fixture.Submit({Code()}, Mode::kStrict, Idempotency{"k", "f"}, fail));
  CHECK(fixture.Pending() == 0);
  CHECK(fixture.Submit(Code(), Idempotency{"k", "f"}).has_value());  // nor is the key held
}

TEST_CASE("a repeat with its key gets the first answer, burns no budget and sends nothing") {
  Fixture fixture;
  const auto first = fixture.Submit(Code(), Idempotency{"k", "f"});
  REQUIRE(first);
  const auto again = fixture.Submit(Code(), Idempotency{"k", "f"});
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(again->answer == first->answer);
  CHECK_FALSE(fixture.decision);
  CHECK(fixture.queue.jobs.size() == 1);
  const auto other = fixture.Submit(Code(), Idempotency{"k", "g"});
  CHECK(other.error().refusal.kind == RefusalKind::kIdempotencyReused);
}

TEST_CASE("a request that was refused does not burn its key") {
  Fixture fixture;
  SendRequest bad = Plain();
  bad.to = {"nobody"};
  CHECK_FALSE(fixture.Submit(bad, Idempotency{"k", "f"}));
  CHECK(fixture.Submit(Plain(), Idempotency{"k", "g"}));
}

TEST_CASE("a second request with the key of a running one is told so") {
  Fixture fixture;
  const auto outcome = fixture.Submit({Plain()}, Mode::kStrict, Idempotency{"k", "f"}, [&](const Outcome&) {
    const auto inner = fixture.Submit(Plain(), Idempotency{"k", "f"});
    CHECK(inner.error().refusal.kind == RefusalKind::kIdempotencyRunning);
    return std::string("outer");
  });
  CHECK(outcome.has_value());
  CHECK(fixture.queue.jobs.size() == 1);
}

TEST_CASE("a strict batch goes as a whole or not at all, and gives back what it charged") {
  Fixture fixture;
  SendRequest bad = Plain();
  bad.to = {"nobody"};
  const auto outcome = fixture.Submit({Code("ann@example.org"), Code("bob@example.org"), bad});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().index == 2);
  CHECK(outcome.error().refusal.field == "/to/0");
  CHECK(fixture.Pending() == 0);
  CHECK(fixture.Submit({Code("ann@example.org"), Code("bob@example.org")}).has_value());
  CHECK(fixture.queue.jobs.size() == 2);
}

TEST_CASE("a strict batch that meets a limit inside itself charges nobody") {
  Fixture fixture;
  const auto outcome = fixture.Submit({Code(), Code()});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().index == 1);
  CHECK(outcome.error().refusal.kind == RefusalKind::kLimited);
  fixture.Accept(Code());
}

TEST_CASE("a permissive batch sends what is good and names the rest by its index") {
  Fixture fixture;
  SendRequest bad = Plain();
  bad.to = {"nobody"};
  const auto outcome = fixture.Submit({bad, Code(), Code(), Plain()}, Mode::kPermissive);
  REQUIRE(outcome);
  CHECK(outcome->ids.size() == 2);
  REQUIRE(outcome->refused.size() == 2);
  CHECK(outcome->refused[0].first == 0);
  CHECK(outcome->refused[1].first == 2);
  CHECK(outcome->refused[1].second.kind == RefusalKind::kLimited);
  CHECK(fixture.queue.jobs.size() == 2);
}

TEST_CASE("who left a topic is recorded as suppressed, with an event, and not charged") {
  Fixture fixture;
  SendRequest request = Code();
  request.cc = {"bob@example.org"};
  request.topic_id = fixture.AddTopic();
  fixture.Accept(request);
  const model::Job& job = fixture.queue.jobs.front();
  REQUIRE(fixture.recipients->Unsubscribe(
      fixture.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(job.delivery.id)), "page"));
  fixture.clock.Advance(std::chrono::minutes(5));
  fixture.queue.jobs.clear();

  const std::string id = fixture.Accept(request);
  REQUIRE(fixture.queue.jobs.size() == 1);
  CHECK(fixture.queue.jobs[0].delivery.mailbox == "bob@example.org");
  const auto deliveries = fixture.Deliveries(id);
  CHECK(std::count_if(deliveries.begin(), deliveries.end(),
                      [](const auto& one) { return one.state == model::DeliveryState::kSuppressed; }) == 1);
  const auto events = fixture.Events(id);
  const auto suppressed =
      std::find_if(events.begin(), events.end(), [](const auto& event) { return event.type == "email.suppressed"; });
  REQUIRE(suppressed != events.end());
  CHECK(suppressed->recipient == "ann@example.org");
  fixture.Accept(Code());  // untopical mail still goes, and the suppressed one cost nothing
}

TEST_CASE("a message whose recipients all left is accepted, stored and goes nowhere") {
  Fixture fixture;
  SendRequest request = Plain();
  request.topic_id = fixture.AddTopic("opt_out");
  fixture.queue.room = 0;  // takes no room either
  const std::string id = fixture.Accept(request);
  CHECK(fixture.Deliveries(id).at(0).state == model::DeliveryState::kSuppressed);
  CHECK(fixture.Pending() == 0);
  CHECK_FALSE(fixture.decision);
}

TEST_CASE("the suppressed mailbox of the simulator says why") {
  Fixture fixture;
  SendRequest request = Plain();
  request.to = {"suppressed@simulator.sealpost.test"};
  const auto events = fixture.Events(fixture.Accept(request));
  REQUIRE(events.size() == 2);
  CHECK(events[1].type == "email.suppressed");
  CHECK(events[1].reply.find("topic") == std::string::npos);
}

TEST_CASE("trust moves a code to its own budget") {
  Fixture fixture;
  fixture.Accept(Code());
  SendRequest trusted = Code();
  trusted.trust = "session";
  fixture.Accept(trusted);
  fixture.key.may_assert_trust = false;
  CHECK(fixture.Refused(trusted).kind == RefusalKind::kNotPermitted);
}

TEST_CASE("a captcha moves a code to another one, which takes nothing from the user's") {
  Fixture fixture;
  SendRequest request = Code();
  request.trust = "captcha";
  fixture.Accept(request);
  CHECK(fixture.Refused(request).message.find("captcha-mailbox-20s") != std::string::npos);
  request.trust = "session";
  fixture.Accept(request);
  CHECK(fixture.Refused(request).message.find("trusted-mailbox-20s") != std::string::npos);
}
