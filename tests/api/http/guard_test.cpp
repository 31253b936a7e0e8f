#include "api/http/guard.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sealpost::http;
using namespace std::string_literals;

namespace {

struct Case {
  std::string what;
  int status;  // 0: passes
  std::string head;
};

std::string GetWith(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string PostWith(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string Line(const std::string& line) {
  return line + "\r\nHost: a\r\n\r\n";
}

void CheckAll(const std::vector<Case>& cases) {
  for (const auto& [what, status, text] : cases) {
    CAPTURE(what);
    const auto head = JudgeHead(text, {});
    CHECK((head ? 0 : head.error().status) == status);
    if (!head) CHECK(head.error().message.ends_with('.'));
  }
}

}  // namespace

TEST_CASE("Request lines are judged by the letter of RFC 9112 3") {
  CheckAll({
      {"plain", 0, Line("GET / HTTP/1.1")},
      {"query", 0, Line("GET /a?b=c&d HTTP/1.1")},
      {"asterisk with OPTIONS", 0, Line("OPTIONS * HTTP/1.1")},
      {"asterisk with GET", 400, Line("GET * HTTP/1.1")},
      {"absolute form", 0, Line("GET http://example.com/a HTTP/1.1")},
      {"absolute form in capitals", 0, Line("GET HTTPS://example.com HTTP/1.1")},
      {"absolute form with user information", 400, Line("GET http://u@example.com/ HTTP/1.1")},
      {"absolute form without a host", 400, Line("GET http:///a HTTP/1.1")},
      {"absolute form of another scheme", 400, Line("GET ftp://example.com/ HTTP/1.1")},
      {"relative target", 400, Line("GET a HTTP/1.1")},
      {"authority form", 501, Line("CONNECT a:443 HTTP/1.1")},
      {"fragment", 400, Line("GET /a#b HTTP/1.1")},
      {"unknown method is the router's affair", 0, Line("BREW / HTTP/1.1")},
      {"method with a bad character", 400, Line("GE(T / HTTP/1.1")},
      {"empty method", 400, Line(" / HTTP/1.1")},
      {"very long method", 501, Line(std::string(33, 'A') + " / HTTP/1.1")},
      {"no target", 400, Line("GET HTTP/1.1")},
      {"empty target", 400, Line("GET  HTTP/1.1")},
      {"two spaces", 400, Line("GET /  HTTP/1.1")},
      {"tab for space", 400, Line("GET\t/\tHTTP/1.1")},
      {"trailing space", 400, Line("GET / HTTP/1.1 ")},
      {"leading space", 400, Line(" GET / HTTP/1.1")},
      {"no version (HTTP/0.9)", 400, Line("GET /")},
      {"raw bytes above ASCII", 400, Line("GET /\xc3\xa9 HTTP/1.1")},
      {"NUL in the target", 400, Line("GET /a\0b HTTP/1.1"s)},
      {"carriage return in the target", 400, Line("GET /a\rb HTTP/1.1")},
      {"HTTP/1.0 without Host", 0, "GET / HTTP/1.0\r\n\r\n"},
      {"HTTP/1.2", 505, Line("GET / HTTP/1.2")},
      {"HTTP/2.0", 505, Line("PRI * HTTP/2.0")},
      {"HTTP/0.9", 505, Line("GET / HTTP/0.9")},
      {"lower-case version", 400, Line("GET / http/1.1")},
      {"version with more digits", 400, Line("GET / HTTP/1.10")},
      {"version without a dot", 400, Line("GET / HTTP/11")},
      {"another protocol", 400, Line("GET / ICY/1.1")},
      {"markup for a version", 400, Line("GET / <script>")},
      {"line too long", 414, Line("GET /" + std::string(9000, 'a') + " HTTP/1.1")},
  });
}

TEST_CASE("Lines and fields are judged by the letter of RFC 9112 2.2 and 5") {
  CheckAll({
      {"bare LF everywhere", 400, "GET / HTTP/1.1\nHost: a\n\n"},
      {"bare LF after the request line", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"bare LF after a field", 400, "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
      {"bare LF for the empty line", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"bare CR in a value", 400, GetWith("X: a\rY: b\r\n")},
      {"NUL in a value", 400, GetWith("X: a\0b\r\n"s)},
      {"control character in a value", 400, GetWith("X: a\x01\r\n")},
      {"DEL in a value", 400, GetWith("X: a\x7f\r\n")},
      {"tab in a value", 0, GetWith("X: a\tb\r\n")},
      {"bytes above ASCII in a value", 0, GetWith("X: caf\xc3\xa9\r\n")},
      {"empty value", 0, GetWith("X:\r\n")},
      {"spaces around a value", 0, GetWith("X: \t a \t\r\n")},
      {"folded value", 400, GetWith("X: a\r\n b\r\n")},
      {"folded by a tab", 400, GetWith("X: a\r\n\tb\r\n")},
      {"folded first field", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"space before the colon", 400, GetWith("X : a\r\n")},
      {"tab before the colon", 400, GetWith("X\t: a\r\n")},
      {"no colon", 400, GetWith("X\r\n")},
      {"empty name", 400, GetWith(": a\r\n")},
      {"name with a space", 400, GetWith("X Y: a\r\n")},
      {"name with a bad character", 400, GetWith("X(: a\r\n")},
      {"name above ASCII", 400, GetWith("\xc3\xa9: a\r\n")},
      {"long name", 431, GetWith(std::string(300, 'x') + ": a\r\n")},
      {"long value", 431, GetWith("X: " + std::string(9000, 'x') + "\r\n")},
      {"a vertical tab before chunked", 400, PostWith("Transfer-Encoding: \vchunked\r\n")},
  });
}

TEST_CASE("Exactly one plausible Host is asked of HTTP/1.1") {
  CheckAll({
      {"missing", 400, "GET / HTTP/1.1\r\n\r\n"},
      {"two", 400, GetWith("Host: b\r\n")},
      {"two equal ones", 400, GetWith("hOsT: a\r\n")},
      {"two in HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"empty", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"with port", 0, "GET / HTTP/1.1\r\nHost: a.example:8025\r\n\r\n"},
      {"IPv6", 0, "GET / HTTP/1.1\r\nHost: [::1]:8025\r\n\r\n"},
      {"with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"with user information", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {"with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
  });
}

TEST_CASE("The end of a request is never a matter of opinion (RFC 9112 6)") {
  CheckAll({
      {"a length", 0, PostWith("Content-Length: 5\r\n")},
      {"leading zeros", 0, PostWith("Content-Length: 005\r\n")},
      {"two different lengths", 400, PostWith("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"two equal lengths", 400, PostWith("Content-Length: 5\r\ncontent-length: 5\r\n")},
      {"a list of lengths", 400, PostWith("Content-Length: 5, 5\r\n")},
      {"negative", 400, PostWith("Content-Length: -1\r\n")},
      {"plus sign", 400, PostWith("Content-Length: +5\r\n")},
      {"hexadecimal", 400, PostWith("Content-Length: 0x5\r\n")},
      {"fraction", 400, PostWith("Content-Length: 5.0\r\n")},
      {"inner space", 400, PostWith("Content-Length: 1 0\r\n")},
      {"empty", 400, PostWith("Content-Length:\r\n")},
      {"digits of another script", 400, PostWith("Content-Length: \xd9\xa5\r\n")},
      {"nearly the largest of 64 bits", 0, PostWith("Content-Length: 18446744073709551600\r\n")},
      {"beyond 64 bits", 413, PostWith("Content-Length: 18446744073709551616\r\n")},
      {"wraps around to 5", 413, PostWith("Content-Length: 18446744073709551621\r\n")},
      {"chunked", 0, PostWith("Transfer-Encoding: chunked\r\n")},
      {"chunked in capitals", 0, PostWith("Transfer-Encoding: CHUNKED\r\n")},
      {"length, then chunked", 400, PostWith("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked, then length", 400, PostWith("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"chunked twice", 400, PostWith("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"identity after chunked", 400, PostWith("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"identity", 400, PostWith("Transfer-Encoding: identity\r\n")},
      {"gzip alone", 400, PostWith("Transfer-Encoding: gzip\r\n")},
      {"gzip under chunked", 501, PostWith("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked not last", 400, PostWith("Transfer-Encoding: chunked, gzip\r\n")},
      {"quoted", 400, PostWith("Transfer-Encoding: \"chunked\"\r\n")},
      {"nearly chunked", 400, PostWith("Transfer-Encoding: xchunked\r\n")},
      {"with a parameter", 400, PostWith("Transfer-Encoding: chunked;a=b\r\n")},
      {"empty coding", 400, PostWith("Transfer-Encoding:\r\n")},
      {"chunked in HTTP/1.0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"the name disguised", 400, PostWith("Content-Length : 5\r\nTransfer-Encoding: chunked\r\n")},
  });
}

TEST_CASE("A head has a size and a number of fields") {
  std::string fields;
  for (int i = 0; i < 99; ++i) fields += "X: a\r\n";
  CHECK(JudgeHead(GetWith(fields), {}).has_value());
  CHECK(JudgeHead(GetWith(fields + "X: a\r\n"), {}).error().status == 431);
  std::string large;
  for (int i = 0; i < 50; ++i) large += "X: " + std::string(900, 'a') + "\r\n";
  CHECK(JudgeHead(GetWith(large), {}).error().status == 431);
}

TEST_CASE("What a head says is read from it") {
  const auto plain = JudgeHead(PostWith("Content-Length: 512\r\nExpect: 100-Continue\r\n"), {});
  REQUIRE(plain);
  CHECK(plain->http11);
  CHECK(plain->content_length == 512);
  CHECK(plain->expect_continue);
  CHECK(plain->keep_alive);
  CHECK_FALSE(plain->chunked);
  CHECK(JudgeHead(PostWith("Transfer-Encoding: chunked\r\n"), {})->chunked);
  CHECK_FALSE(JudgeHead(GetWith("Connection: close\r\n"), {})->keep_alive);
  CHECK_FALSE(JudgeHead(GetWith("Connection: x, Close , y\r\n"), {})->keep_alive);
  CHECK(JudgeHead(GetWith("Connection: closed\r\n"), {})->keep_alive);
  const auto old = JudgeHead("GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n", {});
  REQUIRE(old);
  CHECK_FALSE(old->keep_alive);
  CHECK_FALSE(old->expect_continue);
}

TEST_CASE("The end of a head is found, also where lines end badly") {
  CHECK(FindHeadEnd("") == 0);
  CHECK(FindHeadEnd("GET / HTTP/1.1\r\n") == 0);
  CHECK(FindHeadEnd("GET / HTTP/1.1\r\n\r") == 0);
  CHECK(FindHeadEnd("GET / HTTP/1.1\r\n\r\nbody") == 18);
  CHECK(FindHeadEnd("a\n\nrest") == 3);
  CHECK(FindHeadEnd("a\n\r\nrest") == 4);
  CHECK(FindHeadEnd("a\nb\r\nc\r\n\r\n") == 10);
}

TEST_CASE("Every head cut short is refused or passes, and nothing is read beyond it") {
  const std::string whole = PostWith("Content-Length: 5\r\nX: caf\xc3\xa9\r\nConnection: close, x\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);  // a buffer of its own, so that a sanitizer sees an overrun
    CHECK_FALSE(JudgeHead(cut, {}).has_value());
  }
}
