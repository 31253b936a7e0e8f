#include "dns/cares_resolver.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_dns_server.h"

using namespace sealpost::dns;
using namespace std::chrono_literals;
using sealpost::tests::Behaviour;
using sealpost::tests::FakeDnsServer;
using namespace std::string_literals;

namespace {

Server ServerAt(const FakeDnsServer& server) {
  return ParseServer(server.address()).value();
}

// Long waits: what a test expects comes before them, however slow the machine is.
CaresOptions Patient(std::vector<Server> servers) {
  return {std::move(servers), 20s, 2, 60s};
}
// Short ones, where silence is what is tested.
CaresOptions Hasty(std::vector<Server> servers) {
  return {std::move(servers), 30ms, 2, 1s};
}

// A UDP port of 127.0.0.1 that is bound and never read.
class SilentPort {
 public:
  SilentPort() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    server_.ip = ParseIp("127.0.0.1").value();
    server_.port = ntohs(address.sin_port);
  }
  ~SilentPort() { close(fd_); }
  const Server& server() const { return server_; }

 private:
  int fd_;
  Server server_;
};

// A port on which nobody listens, another one for each number. Not from the range of which the kernel gives ports to
// sockets that ask: there a question can come back to the very socket that sent it.
Server DeadPort(int number = 1) {
  return ParseServer("127.0.1." + std::to_string(number) + ":1").value();
}

Answer Ask(CaresResolver& resolver, const std::string& name, Type type = Type::kTxt) {
  return resolver.Ask({name, type}, kNoDeadline);
}

std::string Text(const Answer& answer) {
  return answer.records.size() == 1 ? std::get<Txt>(answer.records[0].data).Joined() : "(not one record)";
}

}  // namespace

TEST_CASE("a question is sent with RD, AD and EDNS 1232, and its answer read") {
  FakeDnsServer server;
  server.AddTxt("example.com", {"v=spf1", " -all"});
  server.SetAuthenticated(true);
  CaresResolver resolver(Patient({ServerAt(server)}));
  const Answer answer = Ask(resolver, "Example.COM");
  CHECK(answer.status == Status::kAnswer);
  CHECK(Presentation(answer.records.at(0)) == R"("v=spf1" " -all")");
  CHECK(answer.authenticated);
  CHECK_FALSE(answer.over_tcp);
  CHECK(answer.server == server.address());
  CHECK(answer.bytes > 12);
  CHECK(answer.ttl == sealpost::tests::kFakeDnsTtl);
  const auto asked = server.Asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].recursion_desired);
  CHECK(asked[0].authentic_data);
  CHECK_FALSE(asked[0].checking_disabled);
  CHECK_FALSE(asked[0].dnssec_ok);
  CHECK(asked[0].edns_size == 1232);
  CHECK(resolver.Servers() == std::vector<Server>{ServerAt(server)});
}

TEST_CASE("no such name, no such record and the failures of a server are told apart") {
  FakeDnsServer server;
  server.AddSoa("example.com", 60);
  server.AddA("example.com", "192.0.2.1");
  server.Behave("servfail.example.com", Behaviour::kServfail);
  server.Behave("refused.example.com", Behaviour::kRefused);
  server.Behave("notimp.example.com", Behaviour::kNotImplemented);
  server.Behave("broken.example.com", Behaviour::kMalformed);
  server.Behave("loop.example.com", Behaviour::kLoop);
  CaresResolver resolver(Patient({ServerAt(server)}));
  const Answer missing = Ask(resolver, "none.example.com");
  CHECK(missing.status == Status::kNxDomain);
  CHECK(missing.ttl == 60);
  const Answer empty = Ask(resolver, "example.com");
  CHECK(empty.status == Status::kNoData);
  CHECK(empty.ttl == 60);
  CHECK(Ask(resolver, "servfail.example.com").status == Status::kServfail);
  CHECK(Ask(resolver, "refused.example.com").status == Status::kRefused);
  const Answer other = Ask(resolver, "notimp.example.com");
  CHECK(other.status == Status::kOtherRcode);
  CHECK(other.detail == "the server answers NOTIMP");
  CHECK(Ask(resolver, "broken.example.com").status == Status::kMalformed);
  const Answer loop = Ask(resolver, "loop.example.com");
  CHECK(loop.status == Status::kMalformed);
  CHECK(loop.detail.contains("does not point backwards"));
  // A server that has given its word is not asked again.
  CHECK(server.Count("servfail.example.com") == 1);
}

TEST_CASE("a broken DNSSEC chain fails, and answers with CD") {
  FakeDnsServer server;
  server.AddTxt("bogus.example", "x");
  server.Behave("bogus.example", Behaviour::kBogus);
  CaresResolver resolver(Patient({ServerAt(server)}));
  CHECK(Ask(resolver, "bogus.example").status == Status::kServfail);
  const Answer unchecked = resolver.Ask({"bogus.example", Type::kTxt, true}, kNoDeadline);
  CHECK(unchecked.status == Status::kAnswer);
  CHECK_FALSE(unchecked.authenticated);
}

TEST_CASE("every byte of a name and of a text survives") {
  FakeDnsServer server;
  const std::string bytes = "\xff\0\n\x80"s;
  server.AddTxt(std::vector<std::string>{"a.b\\c", "d e/f:%\xff", "nul\0x"s, "example"}, {bytes});
  CaresResolver resolver(Patient({ServerAt(server)}));
  CHECK(Text(Ask(resolver, "a\\.b\\\\c.d e/f:%\xff.nul\0x.example"s)) == bytes);
}

TEST_CASE("an answer that does not fit a datagram comes over TCP") {
  FakeDnsServer server;
  server.AddTxt("big.example", std::string(3000, 'x'));
  server.AddTxt("cut.example", "small");
  server.AddTxt("fits.example", std::string(1000, 'x'));
  server.Behave("cut.example", Behaviour::kTruncateUdp);
  CaresResolver resolver(Patient({ServerAt(server)}));
  const Answer big = Ask(resolver, "big.example");
  CHECK(big.over_tcp);
  CHECK(Text(big).size() == 3000);
  CHECK(big.bytes > 3000);
  CHECK(Ask(resolver, "cut.example").over_tcp);
  const Answer fits = Ask(resolver, "fits.example");
  CHECK_FALSE(fits.over_tcp);
  CHECK(Text(fits).size() == 1000);
}

TEST_CASE("an answer of 64 KiB is read") {
  FakeDnsServer server;
  for (int i = 0; i < 60; ++i) server.AddTxt("huge.example", std::string(1000, 'x'));
  CaresResolver resolver(Patient({ServerAt(server)}));
  const Answer answer = Ask(resolver, "huge.example");
  CHECK(answer.records.size() == 60);
  CHECK(answer.over_tcp);
}

TEST_CASE("a server without EDNS is asked without it") {
  FakeDnsServer server;
  server.SetUnderstandEdns(false);
  for (int i = 0; i < 20; ++i) server.AddTxt("t" + std::to_string(i) + ".example", "x");
  CaresResolver resolver(Patient({ServerAt(server)}));
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(
        std::async(std::launch::async, [&, i] { return Ask(resolver, "t" + std::to_string(i) + ".example"); }));
  }
  for (auto& answer : answers) CHECK(answer.get().status == Status::kAnswer);
}

TEST_CASE("the next server is asked after SERVFAIL, REFUSED, nonsense, silence or a closed port") {
  FakeDnsServer good;
  FakeDnsServer bad;
  SilentPort silent;
  for (const char* name : {"servfail.example", "refused.example", "broken.example"}) good.AddTxt(name, "good");
  bad.Behave("servfail.example", Behaviour::kServfail);
  bad.Behave("refused.example", Behaviour::kRefused);
  bad.Behave("broken.example", Behaviour::kMalformed);
  CaresResolver over_bad(Patient({ServerAt(bad), ServerAt(good)}));
  for (const char* name : {"servfail.example", "refused.example", "broken.example"}) {
    const Answer answer = Ask(over_bad, name);
    CHECK(Text(answer) == "good");
    CHECK(answer.server == good.address());
  }
  CaresResolver over_dead(Patient({DeadPort(), ServerAt(good)}));
  CHECK(Text(Ask(over_dead, "servfail.example")) == "good");
  CaresOptions options = Patient({silent.server(), ServerAt(good)});
  options.first_try = 30ms;
  CaresResolver over_silent(options);
  CHECK(Text(Ask(over_silent, "servfail.example")) == "good");
}

TEST_CASE("what a server said outweighs that another was silent") {
  FakeDnsServer server;
  server.Behave("x.example", Behaviour::kServfail);
  SilentPort silent;
  CaresResolver resolver(Hasty({ServerAt(server), silent.server()}));
  const Answer answer = Ask(resolver, "x.example");
  CHECK(answer.status == Status::kServfail);
  CHECK(answer.server == server.address());
}

TEST_CASE("silence is a timeout, a closed port unreachable, and both say who") {
  SilentPort silent;
  CaresResolver to_silent(Hasty({silent.server()}));
  const Answer timeout = Ask(to_silent, "x.example");
  CHECK(timeout.status == Status::kTimeout);
  CHECK(timeout.detail == ToString(silent.server()) + " did not answer in time");
  CHECK(timeout.server.empty());
  const Server dead = DeadPort();
  CaresResolver to_dead(Patient({dead}));
  const Answer unreachable = Ask(to_dead, "x.example");
  CHECK(unreachable.status == Status::kUnreachable);
  CHECK(unreachable.detail == ToString(dead) + " cannot be reached");
}

TEST_CASE("answers to somebody else's question are not taken") {
  FakeDnsServer server;
  server.AddTxt("id.example", "x");
  server.AddTxt("name.example", "x");
  server.Behave("id.example", Behaviour::kWrongId);
  server.Behave("name.example", Behaviour::kWrongQuestion);
  CaresResolver resolver(Hasty({ServerAt(server)}));
  CHECK_FALSE(Ask(resolver, "id.example").Told());
  CHECK_FALSE(Ask(resolver, "name.example").Told());
}

TEST_CASE("a question ends at its deadline or limit though nobody answers") {
  SilentPort silent;
  CaresResolver resolver(Patient({silent.server()}));
  const auto deadline = std::chrono::steady_clock::now() + 20ms;
  CHECK(resolver.Ask({"x.example", Type::kTxt}, deadline).status == Status::kTimeout);
  CHECK(std::chrono::steady_clock::now() >= deadline);
  CHECK(resolver.Ask({"x.example", Type::kTxt}, Deadline{}).status == Status::kTimeout);
  CaresOptions limited = Patient({silent.server()});
  limited.per_question = 20ms;
  CaresResolver impatient(limited);
  CHECK(Ask(impatient, "x.example").status == Status::kTimeout);
}

TEST_CASE("deadlines hold for questions that wait for their turn too") {
  SilentPort silent;
  CaresResolver resolver(Patient({silent.server()}));
  std::latch ended(1000);
  const auto deadline = std::chrono::steady_clock::now() + 50ms;
  for (int i = 0; i < 1000; ++i) {
    resolver.Start({"x" + std::to_string(i) + ".example", Type::kTxt}, deadline, [&](Answer) { ended.count_down(); });
  }
  ended.wait();
}

TEST_CASE("a name that cannot be asked for is not") {
  FakeDnsServer server;
  CaresResolver resolver(Patient({ServerAt(server)}));
  for (const std::string& name : {""s, "a..b"s, std::string(64, 'a') + ".example", std::string(300, 'a')}) {
    CHECK(Ask(resolver, name).status == Status::kBadName);
  }
  CHECK(server.Count() == 0);
}

TEST_CASE("an alias is followed within the answer, and asked on for where the server leaves it") {
  FakeDnsServer server;
  server.AddCname("a.example", "b.example");
  server.AddCname("b.example", "c.example");
  server.AddTxt("c.example", "end");
  CaresResolver resolver(Patient({ServerAt(server)}));
  for (const int chase : {16, 1, 0}) {
    server.SetChase(chase);
    const Answer answer = Ask(resolver, "a.example");
    CHECK(Text(answer) == "end");
    CHECK(answer.aliases == std::vector<std::string>{"b.example", "c.example"});
  }
}

TEST_CASE("a chain of aliases that loops or never ends is malformed") {
  FakeDnsServer server;
  server.AddCname("a.example", "b.example");
  server.AddCname("b.example", "a.example");
  for (int i = 0; i < 40; ++i)
    server.AddCname("n" + std::to_string(i) + ".example", "n" + std::to_string(i + 1) + ".example");
  CaresResolver resolver(Patient({ServerAt(server)}));
  for (const int chase : {16, 1, 0}) {
    server.SetChase(chase);
    CHECK(Ask(resolver, "a.example").status == Status::kMalformed);
    CHECK(Ask(resolver, "n0.example").status == Status::kMalformed);
  }
}

TEST_CASE("an alias that ends without the record says no such record, or no such name") {
  FakeDnsServer server;
  server.AddCname("a.example", "b.example");
  server.AddA("b.example", "192.0.2.1");
  server.AddCname("dangling.example", "gone.example");
  CaresResolver resolver(Patient({ServerAt(server)}));
  const Answer empty = Ask(resolver, "a.example");
  CHECK(empty.status == Status::kNoData);
  CHECK(empty.aliases == std::vector<std::string>{"b.example"});
  CHECK(Ask(resolver, "dangling.example").status == Status::kNxDomain);
}

TEST_CASE(
    "named servers are asked instead of the resolver's own, without recursion, and an alias that leaves them ends") {
  FakeDnsServer own;
  FakeDnsServer authoritative;
  own.AddTxt("x.example", "own");
  authoritative.AddTxt("x.example", "authoritative");
  authoritative.AddCname("a.example", "elsewhere.example");
  authoritative.SetChase(0);
  CaresResolver resolver(Patient({ServerAt(own)}));
  const auto ask = [&](const char* name) {
    return resolver.Ask({name, Type::kTxt, false, {ServerAt(authoritative)}}, kNoDeadline);
  };
  CHECK(Text(ask("x.example")) == "authoritative");
  CHECK_FALSE(authoritative.Asked().at(0).recursion_desired);
  const Answer alias = ask("a.example");
  CHECK(alias.status == Status::kNoData);
  CHECK(alias.aliases == std::vector<std::string>{"elsewhere.example"});
  CHECK(own.Count() == 0);
}

TEST_CASE("more servers are asked than channels are kept") {
  FakeDnsServer server;
  server.AddTxt("x.example", "x");
  CaresResolver resolver(Patient({ServerAt(server)}));
  for (int i = 0; i < 100; ++i) {
    CHECK(resolver.Ask({"x.example", Type::kTxt, false, {DeadPort(i + 1)}}, kNoDeadline).status ==
          Status::kUnreachable);
  }
  CHECK(Text(Ask(resolver, "x.example")) == "x");
}

TEST_CASE("three thousand questions at once are each answered with their own answer") {
  constexpr int kQuestions = 3000;
  FakeDnsServer server;
  for (int i = 0; i < kQuestions; ++i) server.AddTxt("q" + std::to_string(i) + ".example", std::to_string(i));
  CaresResolver resolver(Patient({ServerAt(server)}));
  std::latch ended(kQuestions);
  std::atomic<int> right{0};
  for (int i = 0; i < kQuestions; ++i) {
    resolver.Start({"q" + std::to_string(i) + ".example", Type::kTxt}, kNoDeadline, [&, i](const Answer& answer) {
      if (Text(answer) == std::to_string(i)) ++right;
      ended.count_down();
    });
  }
  ended.wait();
  CHECK(right == kQuestions);
  CHECK(server.Count() == kQuestions);
}

TEST_CASE("many threads may ask at once") {
  FakeDnsServer server;
  server.AddTxt("x.example", "x");
  CaresResolver resolver(Patient({ServerAt(server)}));
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 50; ++k) right += Text(Ask(resolver, "x.example")) == "x" ? 1 : 0;
      });
    }
  }
  CHECK(right == 400);
}

TEST_CASE("the end of the resolver ends all open questions") {
  SilentPort silent;
  auto resolver = std::make_unique<CaresResolver>(Patient({silent.server()}));
  std::latch ended(500);
  std::atomic<int> timeouts{0};
  for (int i = 0; i < 500; ++i) {
    resolver->Start({"x.example", Type::kTxt}, kNoDeadline, [&](const Answer& answer) {
      if (answer.status == Status::kTimeout) ++timeouts;
      ended.count_down();
    });
  }
  resolver.reset();
  CHECK(ended.try_wait());
  CHECK(timeouts == 500);
}

TEST_CASE("without servers of its own a resolver has the system's") {
  CaresResolver resolver(CaresOptions{});
  for (const Server& server : resolver.Servers()) CHECK(server.port != 0);
}
