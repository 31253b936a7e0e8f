// The life of server.cpp: slow, silent and crowding clients, stopping, starting.
#include "tests/api/http/server_fixture.h"

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
