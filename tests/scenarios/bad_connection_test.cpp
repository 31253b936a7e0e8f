#include <doctest/doctest.h>

#include <sys/resource.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;
using tests::RawConnection;

namespace {

std::string Request(const Sealpost& service, const std::string& fields, const std::string& body) {
  return "POST /emails HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(service.port()) +
         "\r\nAuthorization: Bearer sp_dev\r\nContent-Type: application/json\r\n" + fields + "\r\n" + body;
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Each of a thousand connections is a descriptor here and one in the service, which inherits the limit.
void AllowDescriptors(rlim_t wanted) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, wanted));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace

TEST_CASE("a request whose length can be read in two ways is refused once, and nothing behind it is answered") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string body = Message("ann@example.com");
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string smuggled = Request(service, length, body);
  const std::string requests[] = {
      Request(service, length + length, body),
      Request(service, length + "Content-Length: 0\r\n", body),
      Request(service, length + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
      Request(service, "Transfer-Encoding: chunked\r\n", "zz\r\n" + body),
      Request(service, "Transfer-Encoding: chunked, gzip\r\n", body),
      Request(service, "Content-Length: -1\r\n", body),
      Request(service, "Content-Length: 0x10\r\n", body),
      "POST /emails HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
      "POST /emails HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
      "POST /emails HTTP/7.7\r\nHost: x\r\n\r\n",
      "GET\r\n\r\n",
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    RawConnection connection(service.port());
    connection.Send(request + smuggled);
    CHECK(connection.ReceiveUntilClosed());
    const std::string& answer = connection.received();
    CAPTURE(answer);
    CHECK(Count(answer, "HTTP/1.1 ") == 1);
    CHECK(answer.find("HTTP/1.1 200") == std::string::npos);
    const std::size_t end = answer.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    CHECK(Json::Of(answer.substr(end + 4))["name"].Text() == "validation_error");
  }
  CHECK(Inbox(service).Size() == 0);
}

TEST_CASE("fifty megabytes are refused without being taken in") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string length = "Content-Length: " + std::to_string(50u << 20) + "\r\n";
  RawConnection connection(service.port());
  connection.Send(Request(service, length, std::string(1u << 20, ' ')));
  const auto reply = tests::ReadReply(connection, "POST");
  REQUIRE(reply);
  CHECK(reply->status == 413);
  CHECK(Json::Of(reply->body)["name"].Text() == "validation_error");
  CHECK_FALSE(reply->kept_open);

  // Sent in full by a client that does not listen meanwhile: an answer, or a closed connection.
  try {
    CHECK(tests::HttpClient(service.port())
              .Post("/emails", {{"Authorization", "Bearer sp_dev"}}, std::string(50u << 20, 'x'))
              .status == 413);
  } catch (const std::runtime_error&) {
  }
  CHECK(service.Running());
  Send(service, Message("ann@example.com"));
  AwaitMail(service, "ann@example.com");
}

TEST_CASE("a body that nobody wanted does not become the next request") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string inner = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(service.port()) + "\r\n\r\n";
  tests::HttpClient client(service.port());
  CHECK(client.Post("/no/such/path", {}, inner).status == 404);
  CHECK(client.Post("/emails", {}, inner).status == 401);
  CHECK(client.Do("GET", "/healthz", {}, inner).status == 200);
  CHECK(client.Get("/emails/x").status == 401);
}

TEST_CASE("foreign hosts and origins have no business with a development service") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  tests::HttpClient client(service.port());
  CHECK(client.Get("/x/dev/inbox", {{"Host", "rebound.example"}}).status >= 400);
  CHECK(client.Get("/x/dev/inbox", {{"Origin", "https://evil.example"}}).status >= 400);
  CHECK(client.Get("/x/dev/inbox").status == 200);
}

TEST_CASE("a thousand silent connections do not keep a polite request waiting") {
  AllowDescriptors(4096);
  TempFolder folder;
  Sealpost service = StartDev(folder);
  std::vector<RawConnection> silent;
  for (int i = 0; i < 1000; ++i) silent.emplace_back(service.port());
  for (RawConnection& connection : silent) connection.Send("POST /emails HTTP/1.1\r\n");
  Send(service, Message("ann@example.com"));
  // It was served beside them, not after them.
  const auto waiting = std::count_if(silent.begin(), silent.end(), [](RawConnection& connection) {
    return connection.Receive(std::chrono::milliseconds(0)) == RawConnection::Event::kLate;
  });
  CHECK(waiting > 500);
  AwaitMail(service, "ann@example.com");
  CHECK(service.Running());
}
