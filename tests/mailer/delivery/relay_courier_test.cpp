#include "mailer/delivery/relay_courier.h"

#include <future>
#include <set>
#include <thread>

#include "tests/mailer/delivery/courier_fixture.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::tests;
using sealpost::model::SmtpStage;
using sealpost::model::VerdictKind;
using sealpost::model::VerdictScope;

namespace {

void PutMany(FakeDesk& desk, int count) {
  for (int i = 0; i < count; ++i) {
    desk.Put(JobTo("user" + std::to_string(i)));
  }
}

}  // namespace

TEST_CASE("a hundred jobs go over four connections at most, each exactly once") {
  for (const bool pipelining : {true, false}) {
    FakeSmtpServer server(FakeSmtpOptions{.pipelining = pipelining});
    CourierBench bench;
    PutMany(bench.desk, 100);
    const auto courier = bench.Start(OptionsFor(server, 4));
    for (const auto& one : bench.desk.AwaitDone(100)) {
      CHECK(one.outcome.verdict.kind == VerdictKind::kDelivered);
      CHECK(one.job.delivery.attempts == 1);
    }
    courier->Stop(std::chrono::seconds(20));
    std::set<std::string> recipients;
    for (const auto& message : server.messages()) {
      REQUIRE(message.rcpt_to.size() == 1);
      CHECK(recipients.insert(message.rcpt_to[0]).second);
      const auto local = message.rcpt_to[0].substr(1, message.rcpt_to[0].find('@') - 1);
      CHECK(message.data.find("Subject: to " + local + "\r\n") != std::string::npos);
    }
    CHECK(recipients.size() == 100);
    CHECK(server.connections() <= 4);
    CHECK(server.faults().empty());
    CHECK(server.Commands("QUIT") == server.connections());
    CHECK(bench.desk.out() == 0);
    CHECK(bench.Shows("sealpost_smtp_connections{state=\"open\"} 0"));
  }
}

TEST_CASE("a relay that is down costs one job one attempt, the others wait") {
  CourierBench bench;
  sealpost::delivery::RelayOptions options;
  {
    FakeSmtpServer server;
    options = OptionsFor(server, 4);
  }
  options.pauses.steps = {kEndless};
  PutMany(bench.desk, 20);
  const auto courier = bench.Start(options);
  const auto done = bench.desk.AwaitDone(1);
  CHECK(done[0].outcome.verdict.kind == VerdictKind::kDefer);
  CHECK(done[0].outcome.verdict.scope == VerdictScope::kSite);
  CHECK(done[0].outcome.reply.stage == SmtpStage::kConnect);
  CHECK(done[0].outcome.host == "127.0.0.1:" + std::to_string(options.peer.port));
  courier->Stop(std::chrono::seconds(20));
  CHECK(bench.desk.done().size() == 1);
  CHECK(bench.desk.waiting() == 19);
  CHECK(bench.desk.out() == 0);
}

TEST_CASE("a relay that comes back is found by a probe, and then serves all") {
  FakeSmtpServer server({}, {{"greeting", "421 4.3.2 starting", Then::kDrop, 3}});
  CourierBench bench;
  PutMany(bench.desk, 20);
  const auto courier = bench.Start(OptionsFor(server, 4));
  std::size_t deferred = 0;
  for (const auto& one : bench.desk.AwaitDone(20)) {
    deferred += one.outcome.verdict.kind == VerdictKind::kDefer ? 1 : 0;
  }
  CHECK(deferred == 3);
  CHECK(server.messages().size() == 17);
}

TEST_CASE("a relay that takes one connection only delivers everything over it, and no job pays") {
  FakeSmtpServer server(
      {}, {{"greeting", "220 fake", Then::kGoOn, 1}, {"greeting", "421 4.7.0 too many connections", Then::kDrop}});
  CourierBench bench;
  PutMany(bench.desk, 50);
  const auto courier = bench.Start(OptionsFor(server, 4));
  for (const auto& one : bench.desk.AwaitDone(50)) {
    CHECK(one.outcome.verdict.kind == VerdictKind::kDelivered);
    CHECK(one.job.delivery.attempts == 1);
  }
  CHECK(server.messages().size() == 50);
}

TEST_CASE("an answer about the site shuts the gate for the others too") {
  FakeSmtpServer server({}, {{"MAIL FROM:", "421 4.7.0 slow down", Then::kDrop}});
  CourierBench bench;
  auto options = OptionsFor(server, 1);
  options.pauses.steps = {kEndless};
  PutMany(bench.desk, 10);
  const auto courier = bench.Start(options);
  const auto done = bench.desk.AwaitDone(1);
  CHECK(done[0].outcome.reply.code == 421);
  courier->Stop(std::chrono::seconds(20));
  CHECK(bench.desk.done().size() == 1);
  CHECK(bench.desk.waiting() == 9);
}

TEST_CASE("required TLS that cannot be had: deferred, and not one MAIL") {
  TempFolder folder;
  FakeSmtpServer server;
  CourierBench bench;
  auto options = OptionsFor(server, 4);
  options.peer.tls = sealpost::net::TlsDemand::kRequired;
  options.peer.ca_file = folder.Write("ca.pem", server.certificate_pem());
  options.pauses.steps = {kEndless};
  PutMany(bench.desk, 10);
  const auto courier = bench.Start(options);
  const auto done = bench.desk.AwaitDone(1);
  CHECK(done[0].outcome.verdict.kind == VerdictKind::kDefer);
  CHECK(done[0].outcome.reply.stage == SmtpStage::kStartTls);
  courier->Stop(std::chrono::seconds(20));
  CHECK(server.Commands("MAIL") == 0);
}

TEST_CASE("a plaintext connection never serves a message that requires TLS") {
  TempFolder folder;
  FakeSmtpServer server(FakeSmtpOptions{.starttls = true});
  CourierBench plain, strict;
  auto options = OptionsFor(server, 1);
  plain.desk.Put(JobTo("ann"));
  const auto plain_courier = plain.Start(options);
  plain.desk.AwaitDone(1);
  options.peer.tls = sealpost::net::TlsDemand::kRequired;
  options.peer.ca_file = folder.Write("ca.pem", server.certificate_pem());
  strict.desk.Put(JobTo("bob"));
  const auto strict_courier = strict.Start(options);
  CHECK(strict.desk.AwaitDone(1)[0].outcome.tls.starts_with("TLSv1.3"));
  REQUIRE(server.messages().size() == 2);
  CHECK_FALSE(server.messages()[0].tls);
  CHECK(server.messages()[1].tls);
  CHECK(server.messages()[0].connection != server.messages()[1].connection);
}

TEST_CASE("Stop lets a running transaction end, takes nothing new and says QUIT") {
  std::promise<void> release;
  FakeSmtpServer server;
  Rule slow{"body", "250 2.0.0 ok"};
  slow.wait = [released = release.get_future().share()] { released.wait(); };
  server.Add(slow);
  CourierBench bench;
  bench.desk.Put(JobTo("ann"));
  const auto courier = bench.Start(OptionsFor(server, 2));
  REQUIRE(server.Await([](const auto& s) { return s.Commands("DATA") == 1; }));
  REQUIRE(bench.desk.AwaitAsking(1));  // the second lane
  std::thread stopping([&] { courier->Stop(std::chrono::seconds(20)); });
  REQUIRE(bench.desk.AwaitAsking(0));  // it left, so the stop was requested of both
  bench.desk.Put(JobTo("bob"));
  release.set_value();
  stopping.join();
  REQUIRE(bench.desk.done().size() == 1);
  CHECK(bench.desk.done()[0].outcome.verdict.kind == VerdictKind::kDelivered);
  CHECK(bench.desk.waiting() == 1);
  CHECK(bench.desk.out() == 0);
  CHECK(server.Commands("QUIT") == 1);
}

TEST_CASE("when the grace is over connections are cut, and every job is accounted for") {
  FakeSmtpServer server({}, {{"body", "", Then::kHang}});
  CourierBench bench;
  PutMany(bench.desk, 3);
  const auto courier = bench.Start(OptionsFor(server, 2));
  REQUIRE(server.Await([](const auto& s) { return s.Commands("DATA") >= 2; }));
  courier->Stop(std::chrono::milliseconds(0));
  const auto done = bench.desk.done();
  CHECK(done.size() == 2);
  for (const auto& one : done) {
    CHECK((one.outcome.verdict.kind == VerdictKind::kUncertain || one.outcome.verdict.kind == VerdictKind::kDefer));
  }
  CHECK(bench.desk.out() == 0);
  CHECK(bench.desk.waiting() == 1);
}

TEST_CASE("Stop does not wait for a server that is silent at the door, and the job goes back") {
  FakeSmtpServer server({}, {{"greeting", "", Then::kHang}});
  CourierBench bench;
  bench.desk.Put(JobTo("ann"));
  const auto courier = bench.Start(OptionsFor(server, 4));
  REQUIRE(server.Await([](const auto& s) { return s.connections() == 1; }));
  courier->Stop(std::chrono::seconds(20));
  CHECK(bench.desk.done().empty());
  CHECK(bench.desk.waiting() == 1);
  CHECK(bench.desk.given_back() == 1);
}
