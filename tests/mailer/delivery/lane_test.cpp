#include "mailer/delivery/lane.h"

#include "tests/mailer/delivery/courier_fixture.h"

using namespace sealpost::tests;
using sealpost::model::SmtpStage;
using sealpost::model::VerdictKind;
using sealpost::model::VerdictScope;

TEST_CASE("a job is delivered with its envelope, and its outcome names host and attempt") {
  FakeSmtpServer server;
  CourierBench bench;
  const auto job = JobTo("ann");
  bench.desk.Put(job);
  const auto courier = bench.Start(OptionsFor(server, 1));
  const auto done = bench.desk.AwaitDone(1);
  CHECK(done[0].outcome.verdict.kind == VerdictKind::kDelivered);
  CHECK(done[0].outcome.host == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(done[0].outcome.tls.empty());
  CHECK(done[0].job.delivery.attempts == 1);
  REQUIRE(server.messages().size() == 1);
  const auto message = server.messages()[0];
  CHECK(message.rcpt_to == std::vector<std::string>{"<ann@example.net>"});
  CHECK(message.data == job.content->bytes);
  CHECK(message.mail_from.starts_with("<b+"));
  CHECK(message.mail_from.ends_with("@bounce.example.com>"));
  CHECK(bench.Shows("sealpost_attempt_seconds_count 1"));
  CHECK(bench.Shows("sealpost_smtp_connections{state=\"open\"} 1"));
}

TEST_CASE("a lane keeps its connection") {
  FakeSmtpServer server;
  CourierBench bench;
  const auto courier = bench.Start(OptionsFor(server, 1));
  for (std::size_t i = 1; i <= 5; ++i) {
    bench.desk.Put(JobTo("ann"));
    bench.desk.AwaitDone(i);
  }
  CHECK(server.connections() == 1);
  CHECK(server.Commands("RSET") == 0);
}

TEST_CASE("a busy lane announces the next job with the end of a body") {
  // The first body is answered only when the next DATA was seen.
  FakeSmtpServer server({}, {{"body", "250 2.0.0 ok", Then::kGoOn, 1, "DATA"}});
  CourierBench bench;
  bench.desk.Put(JobTo("ann"));
  bench.desk.Put(JobTo("bob"));
  const auto courier = bench.Start(OptionsFor(server, 1));
  for (const auto& one : bench.desk.AwaitDone(2)) {
    CHECK(one.outcome.verdict.kind == VerdictKind::kDelivered);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a refused recipient does not disturb the one announced after it") {
  FakeSmtpServer server({}, {{"RCPT TO:<bad@", "550 5.1.1 no such user"}});
  CourierBench bench;
  for (const char* local : {"ann", "bad", "bob", "bad", "eve"}) {
    bench.desk.Put(JobTo(local));
  }
  const auto courier = bench.Start(OptionsFor(server, 1));
  for (const auto& one : bench.desk.AwaitDone(5)) {
    const bool bad = one.job.delivery.recipient.local == "bad";
    CHECK(one.outcome.verdict.kind == (bad ? VerdictKind::kBounce : VerdictKind::kDelivered));
    CHECK(one.outcome.reply.stage == (bad ? SmtpStage::kRcpt : SmtpStage::kBody));
  }
  CHECK(server.connections() == 1);
  REQUIRE(server.messages().size() == 3);
  for (const auto& message : server.messages()) {
    const auto local = message.rcpt_to[0].substr(1, 3);
    CHECK(message.data.find("Subject: to " + local) != std::string::npos);
  }
}

TEST_CASE("a kept connection that the server closed costs no attempt") {
  for (const char* last : {"", "\r\n421 4.4.2 idle too long"}) {
    FakeSmtpServer server({}, {{"body", std::string("250 2.0.0 ok") + last, Then::kDrop, 1}});
    CourierBench bench;
    const auto courier = bench.Start(OptionsFor(server, 1));
    bench.desk.Put(JobTo("ann"));
    bench.desk.AwaitDone(1);
    bench.desk.Put(JobTo("bob"));
    const auto done = bench.desk.AwaitDone(2);
    CHECK(done[1].outcome.verdict.kind == VerdictKind::kDelivered);
    CHECK(done[1].job.delivery.attempts == 1);
    CHECK(bench.desk.given_back() == 1);
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("silence after the final dot is uncertain, and what was announced behind it goes back") {
  FakeSmtpServer server({}, {{"body", "", Then::kDrop, 1, "DATA"}});
  CourierBench bench;
  bench.desk.Put(JobTo("ann"));
  bench.desk.Put(JobTo("bob"));
  const auto courier = bench.Start(OptionsFor(server, 1));
  const auto done = bench.desk.AwaitDone(2);
  CHECK(done[0].outcome.verdict.kind == VerdictKind::kUncertain);
  CHECK(done[0].job.delivery.recipient.local == "ann");
  CHECK(done[1].outcome.verdict.kind == VerdictKind::kDelivered);
  CHECK(done[1].job.delivery.attempts == 1);
  CHECK(bench.desk.given_back() == 1);
}

TEST_CASE("a job that cannot be prepared is concluded without a connection") {
  FakeSmtpServer server;
  CourierBench bench;
  auto job = JobTo("ann");
  job.content = nullptr;
  bench.desk.Put(job);
  const auto courier = bench.Start(OptionsFor(server, 1));
  const auto done = bench.desk.AwaitDone(1);
  CHECK(done[0].outcome.verdict.kind == VerdictKind::kDefer);
  CHECK(done[0].outcome.host.empty());
  CHECK(server.connections() == 0);
}

TEST_CASE("a lane without a job says QUIT and dials again for the next") {
  FakeSmtpServer server;
  CourierBench bench;
  auto options = OptionsFor(server, 1);
  options.idle = std::chrono::milliseconds(20);
  const auto courier = bench.Start(options);
  bench.desk.Put(JobTo("ann"));
  bench.desk.AwaitDone(1);
  CHECK(server.Await([](const auto& s) { return s.Commands("QUIT") == 1; }));
  bench.desk.Put(JobTo("bob"));
  const auto done = bench.desk.AwaitDone(2);
  CHECK(done[1].outcome.verdict.kind == VerdictKind::kDelivered);
  CHECK(server.connections() == 2);
}
