#include "api/http/server.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/temp_folder.h"

#ifdef __SANITIZE_THREAD__
// Poco is not instrumented, so that the sanitizer does not see how its reference counts order the last use of a socket
// before its deletion.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libPocoNet.so\n";
}
#endif

using namespace sealpost;
using namespace sealpost::http;
using namespace std::chrono_literals;
using tests::HttpClient;
using tests::HttpReply;
using tests::RawConnection;
using tests::ReadReply;

namespace {

struct OneKey final : KeyBook {
  std::optional<model::ApiKey> Find(std::string_view token) const override {
    return token == "key" ? std::optional(model::ApiKey{}) : std::nullopt;
  }
};

// A server with a few routes; the options are the test's.
struct House {
  OneKey keys;
  Router router{keys};
  base::SystemClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  std::atomic<int> calls = 0;
  std::unique_ptr<Server> server;

  explicit House(ServerOptions options = {}) {
    router.Add("POST", "/echo", Access::kPublic, [this](const Request& request) {
      ++calls;
      return Response{.content_type = "text/plain", .body = request.body};
    });
    router.Add("GET", "/who", Access::kPublic, [this](const Request& request) {
      ++calls;
      return Response{.content_type = "text/plain", .body = request.client + (request.secure ? " secure" : " plain")};
    });
    router.Add("GET", "/large", Access::kPublic,
               [](const Request&) { return Response{.body = std::string(8u << 20, 'x')}; });
    if (options.listen == ServerOptions().listen) options.listen = "127.0.0.1:0";
    auto started = Server::Start(std::move(options), router, clock, log, metrics);
    REQUIRE_MESSAGE(started.has_value(), started.error().message);
    server = std::move(*started);
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(server->port()); }
  RawConnection Connect() const { return RawConnection(port()); }
};

std::string Post(const std::string& body, const std::string& fields = "") {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::size_t Count(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool Names(const HttpReply& reply, std::string_view name) {
  return reply.body.find("\"name\":\"" + std::string(name) + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE("A request is answered with the headers of every answer") {
  House house;
  HttpClient client(house.port());
  const auto reply = client.Post("/echo", {}, "hello");
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello");
  CHECK(reply.Header("Content-Length") == "5");
  CHECK(reply.Header("X-Request-Id").size() == 36);
  CHECK(reply.Header("X-Content-Type-Options") == "nosniff");
  CHECK(reply.Header("Date").ends_with(" GMT"));
  CHECK(reply.Header("Server").empty());
  CHECK(reply.kept_open);
  CHECK(client.Get("/nothing").status == 404);
  CHECK(client.Get("/who").body == "127.0.0.1 plain");
}

TEST_CASE("Every body that a request has is read before the next request") {
  House house;
  auto connection = house.Connect();
  // /who takes no interest in its body; the body looks like a request.
  const std::string hidden = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
  connection.Send("GET /who HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n" +
                  hidden + Post("second"));
  const auto first = ReadReply(connection);
  const auto second = ReadReply(connection);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->body == "127.0.0.1 plain");
  CHECK(second->body == "second");
  CHECK(house.calls == 2);
}

TEST_CASE("Pipelined requests are answered in order, however they are cut") {
  House house;
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += Post("body " + std::to_string(i));
  bytes +=
      "\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + Post("last");
  for (const std::size_t piece : {bytes.size(), std::size_t{7}, std::size_t{1000}}) {
    CAPTURE(piece);
    auto connection = house.Connect();
    for (std::size_t at = 0; at < bytes.size(); at += piece) connection.Send(std::string_view(bytes).substr(at, piece));
    for (int i = 0; i < 20; ++i) {
      const auto reply = ReadReply(connection, "POST");
      REQUIRE(reply);
      CHECK(reply->body == "body " + std::to_string(i));
    }
    CHECK(ReadReply(connection, "POST").value().body == "abc");
    CHECK(ReadReply(connection, "POST").value().body == "last");
  }
}

TEST_CASE("No attempt to smuggle a request is ever answered twice") {
  House house;
  const std::string hidden = "GET /who HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::vector<std::string> attempts = {
      post + "Content-Length: 0\r\nContent-Length: 30\r\n\r\n" + hidden,
      post + "Content-Length: 30\r\nContent-Length: 30\r\n\r\n" + hidden,
      post + "Content-Length: 0, 30\r\n\r\n" + hidden,
      post + "Content-Length: +0\r\n\r\n" + hidden,
      post + "Content-Length : 0\r\n\r\n" + hidden,
      post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
      post + "Transfer-Encoding: xchunked\r\n\r\n" + hidden,
      post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
      post +
          "Transfer-Encoding:\x0b"
          "chunked\r\n\r\n0\r\n\r\n" +
          hidden,
      post + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      post + "X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      post + "Transfer-Encoding: chunked\r\n\r\n0\n\r\n\r\n" + hidden,
      post + "Transfer-Encoding: chunked\r\n\r\n1\r\nZZ\r\n0\r\n\r\n" + hidden,
      post + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + hidden,
      "POST /echo HTTP/1.1\nHost: a\nContent-Length: 0\n\n" + hidden,
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
      "POST /echo HTTP/1.0\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n" + hidden,
      "POST /echo HTTP/9.9\r\nHost: a\r\n\r\n" + hidden,
      "POST /echo HTTP/1.1\r\n\r\n" + hidden,
      post + "Host: b\r\n\r\n" + hidden,
  };
  for (const auto& attempt : attempts) {
    CAPTURE(attempt);
    auto connection = house.Connect();
    connection.Send(attempt);
    CHECK(connection.ReceiveUntilClosed());
    CHECK(Count(connection.received(), "\r\nDate: ") == 1);
    CHECK(connection.received().find("127.0.0.1 plain") == std::string::npos);
  }
}

TEST_CASE("A refusal is of the closed set, ends the connection and does not quote") {
  House house;
  const std::pair<std::string, int> cases[] = {
      {"GET /<b> HTTP/1.1\r\n\r\n", 400},
      {"GET /who HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"GET /" + std::string(20'000, 'a'), 414},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'a'), 431},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\x16\x03\x01\n\n", 400},
  };
  for (const auto& [bytes, status] : cases) {
    CAPTURE(status);
    auto connection = house.Connect();
    connection.Send(bytes);
    const auto reply = ReadReply(connection);
    REQUIRE(reply);
    CHECK(reply->status == status);
    CHECK(Names(*reply, "validation_error"));
    CHECK(reply->body.find("\"error\":") == std::string::npos);
    CHECK(reply->body.find("<b>") == std::string::npos);
    CHECK(reply->Header("Content-Type") == "application/json");
    CHECK(reply->Header("X-Content-Type-Options") == "nosniff");
    CHECK_FALSE(reply->kept_open);
    CHECK(connection.ReceiveUntilClosed());
  }
}

TEST_CASE("A body of 50 MB is refused before it is sent, and while it is sent") {
  House house;
  auto announced = house.Connect();
  announced.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 52428800\r\n\r\n");
  const auto reply = ReadReply(announced, "POST");
  REQUIRE(reply);
  CHECK(reply->status == 413);
  CHECK(Names(*reply, "validation_error"));
  CHECK(reply->body.find("46137344") != std::string::npos);

  // A client that does not listen while it writes still finds the answer.
  auto writing = house.Connect();
  writing.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 52428800\r\n\r\n");
  const std::string block(1u << 20, 'x');
  for (int i = 0; i < 50 && writing.Send(block); ++i) continue;
  CHECK(writing.ReceiveUntilClosed());
  CHECK(writing.received().starts_with("HTTP/1.1 413 "));

  auto chunked = house.Connect();
  chunked.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3200000\r\n");
  CHECK(ReadReply(chunked, "POST").value().status == 413);
  CHECK(house.calls == 0);
}

TEST_CASE("A body up to the limit is served whole") {
  House house;
  HttpClient client(house.port());
  const std::string body(20u << 20, 'q');
  CHECK(client.Post("/echo", {}, body).body == body);
  auto connection = house.Connect();
  connection.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) connection.Send("100000\r\n" + std::string(1u << 20, 'c') + "\r\n");
  connection.Send("0\r\n\r\n");
  CHECK(ReadReply(connection, "POST").value().body == std::string(20u << 20, 'c'));
}

TEST_CASE("Bodies together take no more memory than their budget") {
  House house({.body_budget = 1u << 20});
  HttpClient client(house.port());
  const auto refused = client.Post("/echo", {}, std::string(2u << 20, 'x'));
  CHECK(refused.status == 503);
  CHECK(Names(refused, "internal_server_error"));
  CHECK(client.Post("/echo", {}, std::string(500'000, 'x')).status == 200);
}

TEST_CASE("A client that asks first is told to go on") {
  House house;
  auto connection = house.Connect();
  connection.Send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  REQUIRE(connection.ReceiveUntil("HTTP/1.1 100 Continue\r\n\r\n"));
  connection.Take();
  connection.Send("hello");
  CHECK(ReadReply(connection, "POST").value().body == "hello");
}

TEST_CASE("A head that drips is cut off, a silent connection closed") {
  House house({.head_time = 200ms, .idle_time = 300ms});
  auto dripping = house.Connect();
  dripping.Send("GET /who HT");
  const auto reply = ReadReply(dripping);
  REQUIRE(reply);
  CHECK(reply->status == 408);
  CHECK(Names(*reply, "validation_error"));

  auto silent = house.Connect();
  CHECK(silent.ReceiveUntilClosed());
  CHECK(silent.received().empty());

  auto used = house.Connect();
  used.Send(Post("x"));
  CHECK(ReadReply(used, "POST").value().kept_open);
  CHECK(used.ReceiveUntilClosed());
  CHECK(used.received().empty());
}

TEST_CASE("A body that stops coming is cut off") {
  House house({.body_time = 200ms});
  for (const char* framing : {"Content-Length: 5\r\n\r\nhe", "Transfer-Encoding: chunked\r\n\r\n5\r\nhe"}) {
    auto connection = house.Connect();
    connection.Send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(framing));
    CHECK(ReadReply(connection, "POST").value().status == 408);
  }
  CHECK(house.calls == 0);
}

TEST_CASE("A client that reads nothing does not hold its thread") {
  House house({.body_time = 200ms});
  std::vector<RawConnection> deaf;
  for (int i = 0; i < 4; ++i) {
    deaf.push_back(house.Connect());
    deaf.back().Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  // Stopping waits for the connections; it returns because their writes have an end of their own.
  house.server->Stop(std::chrono::hours(1));
  CHECK(deaf.size() == 4);
}

TEST_CASE("A thousand silent connections do not keep a polite one waiting") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  ::setrlimit(RLIMIT_NOFILE, &files);
  House house({.head_time = 30s});
  std::vector<RawConnection> silent;
  for (int i = 0; i < 1000; ++i) silent.push_back(house.Connect());
  HttpClient polite(house.port());
  CHECK(polite.Post("/echo", {}, "hello").body == "hello");
  house.server->Stop(0ms);
}

TEST_CASE("A full house says so and takes the next guest when one has left") {
  House house({.connections = 4, .head_time = 30s});
  std::vector<RawConnection> guests;
  for (int i = 0; i < 4; ++i) {
    guests.push_back(house.Connect());
    guests.back().Send(Post("x"));
    CHECK(ReadReply(guests.back(), "POST").value().status == 200);
  }
  auto fifth = house.Connect();
  CHECK(fifth.ReceiveUntilClosed());
  CHECK(fifth.received().starts_with("HTTP/1.1 503 "));
  CHECK(fifth.received().find("internal_server_error") != std::string::npos);
  guests.pop_back();
  const auto served = [&] {
    auto next = house.Connect();
    next.Send(Post("y"));
    const auto reply = ReadReply(next, "POST");
    return reply && reply->status == 200;
  };
  bool again = false;
  for (int i = 0; i < 10'000 && !again; ++i) again = served();
  CHECK(again);
}

TEST_CASE("A handler that throws fails one request and keeps the connection") {
  House house;
  house.server.reset();
  house.router.Add("GET", "/throws", Access::kPublic,
                   [](const Request&) -> Response { throw std::runtime_error("x"); });
  house.server = Server::Start({.listen = "127.0.0.1:0"}, house.router, house.clock, house.log, house.metrics).value();
  HttpClient client(house.port());
  const auto reply = client.Get("/throws");
  CHECK(reply.status == 500);
  CHECK(Names(reply, "internal_server_error"));
  CHECK(reply.kept_open);
  CHECK(client.Get("/who").status == 200);
}

TEST_CASE("HEAD, OPTIONS and unknown methods are answered in form") {
  House house;
  auto connection = house.Connect();
  connection.Send("HEAD /who HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = ReadReply(connection, "HEAD");
  REQUIRE(head);
  CHECK(head->Header("Content-Length") == "15");
  CHECK(head->body.empty());
  connection.Send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(ReadReply(connection, "HEAD").value().status == 404);
  connection.Send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(ReadReply(connection, "OPTIONS").value().status == 200);
  connection.Send("BREW /who HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto brew = ReadReply(connection, "BREW");
  REQUIRE(brew);
  CHECK(brew->status == 405);
  CHECK(brew->Header("Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("Connections end when they are asked to") {
  House house;
  for (const std::string bytes :
       {"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /who HTTP/1.0\r\n\r\n"}) {
    auto connection = house.Connect();
    connection.Send(bytes);
    const auto reply = ReadReply(connection);
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(reply->Header("Connection") == "close");
    CHECK(connection.ReceiveUntilClosed());
  }
}

TEST_CASE("In development a foreign Host or Origin is refused") {
  House house({.hosts = {"127.0.0.1", "localhost"}});
  HttpClient client(house.port());
  CHECK(client.Get("/who", {{"Host", "localhost:8025"}}).status == 200);
  CHECK(client.Get("/who", {{"Host", "127.0.0.1"}, {"Origin", "http://localhost:8025"}}).status == 200);
  const auto host = client.Get("/who", {{"Host", "evil.example"}});
  CHECK(host.status == 403);
  CHECK(Names(host, "validation_error"));
  CHECK(client.Get("/who", {{"Host", "localhost"}, {"Origin", "http://evil.example"}}).status == 403);
  CHECK(house.calls == 2);
}

TEST_CASE("Forwarded addresses count behind a trusted proxy only") {
  House trusting({.trusted_proxies = {"127.0.0.0/8"}});
  HttpClient through(trusting.port());
  CHECK(through.Get("/who", {{"X-Forwarded-For", "198.51.100.9"}, {"X-Forwarded-Proto", "https"}}).body ==
        "198.51.100.9 secure");
  House wary;
  HttpClient direct(wary.port());
  CHECK(direct.Get("/who", {{"X-Forwarded-For", "198.51.100.9"}, {"X-Forwarded-Proto", "https"}}).body ==
        "127.0.0.1 plain");
}

TEST_CASE("Stopping lets a running request finish and closes the waiting ones") {
  House house;
  house.server.reset();
  std::latch inside(1), go(1);
  house.router.Add("GET", "/slow", Access::kPublic, [&](const Request&) {
    inside.count_down();
    go.wait();
    return Response{.body = "done"};
  });
  house.server = Server::Start({.listen = "127.0.0.1:0"}, house.router, house.clock, house.log, house.metrics).value();
  auto waiting = house.Connect();
  waiting.Send(Post("x"));
  CHECK(ReadReply(waiting, "POST").value().kept_open);
  auto running = house.Connect();
  running.Send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  inside.wait();
  auto stopped = std::async(std::launch::async, [&] { house.server->Stop(1h); });
  CHECK(waiting.ReceiveUntilClosed());
  const auto port = house.port();
  go.count_down();
  const auto reply = ReadReply(running);
  REQUIRE(reply);
  CHECK(reply->body == "done");
  CHECK(reply->Header("Connection") == "close");
  stopped.get();
  CHECK_THROWS(RawConnection(port));
}

TEST_CASE("A listener that cannot or must not be had says why") {
  House house;
  const auto start = [&](ServerOptions options) {
    return Server::Start(std::move(options), house.router, house.clock, house.log, house.metrics);
  };
  const auto taken = start({.listen = "127.0.0.1:" + std::to_string(house.server->port())});
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().kind == base::ErrorKind::kUnavailable);
  CHECK(taken.error().message.find(std::to_string(house.server->port())) != std::string::npos);

  const auto open = start({.listen = "0.0.0.0:0"});
  REQUIRE_FALSE(open.has_value());
  CHECK(open.error().kind == base::ErrorKind::kInvalid);
  CHECK(start({.listen = "0.0.0.0:0", .trusted_proxies = {"10.0.0.1"}}).has_value());

  CHECK(start({.listen = "127.0.0.1:0", .trusted_proxies = {"x"}}).error().kind == base::ErrorKind::kInvalid);
  CHECK(start({.listen = "127.0.0.1:0", .certificate_file = "/a"}).error().kind == base::ErrorKind::kInvalid);
  CHECK_FALSE(start({.listen = "127.0.0.1:0", .certificate_file = "/a", .key_file = "/b"}).has_value());
  CHECK_FALSE(start({.listen = "nonsense"}).has_value());
  CHECK_FALSE(start({.listen = ""}).has_value());
}
