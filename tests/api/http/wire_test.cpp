#include "api/http/wire.h"

#include <doctest/doctest.h>

using namespace sealpost;
using namespace sealpost::http;

namespace {

const base::Time kNow = base::FromMillis(1'792'000'000'123);

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A head becomes a request") {
  const auto request = ParseHead(
      "POST //emails/?x=1 HTTP/1.1\r\nHost: a\r\nX-One:  two words \r\nx-list: a\r\nX-List: b\r\nEmpty:\r\n\r\n");
  REQUIRE(request);
  CHECK(request->method == "POST");
  CHECK(request->path == "/emails");
  CHECK(request->Query("x") == "1");
  CHECK(request->Header("host") == "a");
  CHECK(request->Header("X-ONE") == "two words");
  CHECK(request->Header("X-List") == "a, b");
  CHECK(request->headers.contains("Empty"));
}

TEST_CASE("The authority of an absolute target replaces Host") {
  CHECK(ParseHead("GET http://b.example/x HTTP/1.1\r\nHost: a\r\n\r\n").value().Header("Host") == "b.example");
}

TEST_CASE("Encoded words in a field stay as they came, so they smuggle no line end") {
  const auto request = ParseHead("GET / HTTP/1.1\r\nHost: a\r\nX: =?utf-8?q?a=0D=0AEvil:_1?=\r\n\r\n");
  CHECK(request.value().Header("X") == "=?utf-8?q?a=0D=0AEvil:_1?=");
}

TEST_CASE("An answer is framed by us, whatever the handler says") {
  Response response{.status = 422, .body = "{}"};
  response.headers = {{"content-length", "99"},
                      {"Transfer-Encoding", "chunked"},
                      {"DATE", "x"},
                      {"Connection", "upgrade"},
                      {"X-Mine", "yes"}};
  const std::string head = WriteHead(response, {.keep_alive = false}, kNow);
  CHECK(head.starts_with("HTTP/1.1 422 Unprocessable Content\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(Has(head, "\r\nContent-Length: 2\r\n"));
  CHECK(Has(head, "\r\nConnection: close\r\n"));
  CHECK(Has(head, "\r\nX-Mine: yes\r\n"));
  CHECK_FALSE(Has(head, "99"));
  CHECK_FALSE(Has(head, "chunked"));
  CHECK_FALSE(Has(head, "upgrade"));
  CHECK_FALSE(Has(head, "Server:"));
}

TEST_CASE("The date has the form of RFC 9110 5.6.7") {
  const std::string head = WriteHead({}, {}, kNow);
  CHECK(Has(head, "\r\nDate: Wed, 14 Oct 2026 17:46:40 GMT\r\n"));
  CHECK_FALSE(Has(head, "Connection:"));
}

TEST_CASE("No value can start a field of its own") {
  Response response;
  response.headers = {{"Location", "/a\r\nSet-Cookie: b=c"}, {"X\r\nY", "1"}};
  response.content_type = "text/plain\nX-Bad: 1";
  const std::string head = WriteHead(response, {}, kNow);
  CHECK_FALSE(Has(head, "\nSet-Cookie"));
  CHECK_FALSE(Has(head, "\nY"));
  CHECK_FALSE(Has(head, "\nX-Bad"));
}

TEST_CASE("The answer to HEAD tells the length of the body it leaves out") {
  Response emptied;
  emptied.headers = {{"Content-Length", "12"}};
  CHECK(Has(WriteHead(emptied, {.to_head = true}, kNow), "Content-Length: 12\r\n"));
  CHECK(Has(WriteHead({.body = "abc"}, {.to_head = true}, kNow), "Content-Length: 3\r\n"));
}
