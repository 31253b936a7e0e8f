// Requests and answers of the server over raw sockets.
#include "tests/api/http/server_fixture.h"

#ifdef __SANITIZE_THREAD__
// Poco is not instrumented, so that the sanitizer does not see how its reference counts order the last use of a socket
// before its deletion.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libPocoNet.so\n";
}
#endif

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
