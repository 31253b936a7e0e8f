#include "api/http/origin.h"

#include <doctest/doctest.h>

using namespace sealpost;
using namespace sealpost::http;

namespace {

TrustedProxies Proxies() {
  return TrustedProxies::Parse({"10.0.0.0/8", "192.0.2.7", "fd00::/8", "2001:db8::1"}).value();
}

Request Behind(const std::string& peer, const std::string& forwarded, const std::string& protocol = "") {
  Request request;
  if (!forwarded.empty()) request.headers["X-Forwarded-For"] = forwarded;
  if (!protocol.empty()) request.headers["X-Forwarded-Proto"] = protocol;
  SetClient(request, peer, false, Proxies());
  return request;
}

Request From(std::string host, std::string origin = "") {
  Request request;
  request.headers["Host"] = std::move(host);
  if (!origin.empty()) request.headers["Origin"] = std::move(origin);
  return request;
}

}  // namespace

TEST_CASE("Proxies are trusted by address and by block") {
  const auto proxies = Proxies();
  for (const char* yes : {"10.0.0.1", "10.255.255.255", "192.0.2.7", "fd12::3", "2001:db8::1", "::ffff:10.1.1.1"}) {
    CHECK(proxies.Contains(yes));
  }
  for (const char* no : {"11.0.0.1", "192.0.2.8", "2001:db8::2", "fe00::1", "", "nonsense", "10.0.0"}) {
    CHECK_FALSE(proxies.Contains(no));
  }
  CHECK(TrustedProxies::Parse({"0.0.0.0/0"}).value().Contains("203.0.113.9"));
  CHECK_FALSE(TrustedProxies::Parse({"0.0.0.0/0"}).value().Contains("2001:db8::9"));
  CHECK(TrustedProxies::Parse({"10.0.0.0/9"}).value().Contains("10.127.0.1"));
  CHECK_FALSE(TrustedProxies::Parse({"10.0.0.0/9"}).value().Contains("10.128.0.1"));
}

TEST_CASE("A proxy entry that is no address is named") {
  for (const char* entry :
       {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "proxy.example", "", "fd00::/129"}) {
    CAPTURE(entry);
    const auto proxies = TrustedProxies::Parse({entry});
    REQUIRE_FALSE(proxies.has_value());
    CHECK(proxies.error().message.find(entry) != std::string::npos);
  }
}

TEST_CASE("Forwarded addresses count only behind a trusted proxy, from the right") {
  CHECK(Behind("203.0.113.5", "198.51.100.1").client == "203.0.113.5");
  CHECK(Behind("10.0.0.1", "").client == "10.0.0.1");
  CHECK(Behind("10.0.0.1", "198.51.100.1").client == "198.51.100.1");
  CHECK(Behind("10.0.0.1", "1.1.1.1, 198.51.100.1").client == "198.51.100.1");
  CHECK(Behind("10.0.0.1", "1.1.1.1, 198.51.100.1 , 10.9.9.9,192.0.2.7").client == "198.51.100.1");
  CHECK(Behind("10.0.0.1", "10.0.0.2, 10.0.0.3").client == "10.0.0.2");
  CHECK(Behind("10.0.0.1", "198.51.100.1:4711").client == "198.51.100.1");
  CHECK(Behind("10.0.0.1", "[2001:db8::99]:4711").client == "2001:db8::99");
  CHECK(Behind("10.0.0.1", "2001:db8::99").client == "2001:db8::99");
}

TEST_CASE("Nonsense among forwarded addresses ends the walk") {
  CHECK(Behind("10.0.0.1", "198.51.100.1, unknown").client == "10.0.0.1");
  CHECK(Behind("10.0.0.1", "198.51.100.1, unknown, 10.0.0.9").client == "10.0.0.9");
  for (const char* odd : {",", ",,,", "[", "]", "[]", ":", "::::::::::", "' OR 1=1"}) {
    CHECK(Behind("10.0.0.1", odd).client == "10.0.0.1");
  }
}

TEST_CASE("The protocol in front counts only behind a trusted proxy") {
  CHECK(Behind("10.0.0.1", "", "https").secure);
  CHECK(Behind("10.0.0.1", "", "http, https").secure);
  CHECK_FALSE(Behind("10.0.0.1", "", "https, http").secure);
  CHECK_FALSE(Behind("203.0.113.5", "", "https").secure);
}

TEST_CASE("Connections are counted by household") {
  CHECK(CountingKey("192.0.2.1") != CountingKey("192.0.2.2"));
  CHECK(CountingKey("2001:db8::1") == CountingKey("2001:db8::ffff"));
  CHECK(CountingKey("2001:db8:0:1::1") != CountingKey("2001:db8:0:2::1"));
}

TEST_CASE("Loopback is 127/8 and ::1") {
  for (const char* yes : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) CHECK(IsLoopback(yes));
  for (const char* no : {"128.0.0.1", "::2", "::", "", "localhost"}) CHECK_FALSE(IsLoopback(no));
}

TEST_CASE("A foreign Host or Origin is seen") {
  const std::vector<std::string> hosts = {"127.0.0.1:8025", "localhost", "[::1]"};
  CHECK_FALSE(ForeignTo(hosts, From("127.0.0.1:8025")));
  CHECK_FALSE(ForeignTo(hosts, From("LocalHost:9999")));
  CHECK_FALSE(ForeignTo(hosts, From("localhost")));
  CHECK_FALSE(ForeignTo(hosts, From("[::1]:8025")));
  CHECK_FALSE(ForeignTo(hosts, From("localhost", "http://127.0.0.1:8025")));
  CHECK(ForeignTo(hosts, From("127.0.0.1:8026")) == "Host");
  CHECK(ForeignTo(hosts, From("evil.example")) == "Host");
  CHECK(ForeignTo(hosts, From("localhost.evil.example")) == "Host");
  CHECK(ForeignTo(hosts, From("")) == "Host");
  CHECK(ForeignTo(hosts, From("localhost", "http://evil.example")) == "Origin");
  CHECK(ForeignTo(hosts, From("localhost", "null")) == "Origin");
  CHECK_FALSE(ForeignTo({}, From("evil.example", "http://evil.example")));
}
