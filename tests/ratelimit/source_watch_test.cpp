#include "ratelimit/source_watch.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

using namespace sealpost::ratelimit;

namespace {

std::string Public(int number) {
  return "203.0." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
}

bool VerdictSays(const SourceWatch& watch, const std::string& words) {
  const SourceVerdict verdict = Judge(watch.Report(), false);
  CAPTURE(verdict.sentence);
  return !verdict.sane && verdict.sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("addresses of many look sane, and the advice depends on what is in force") {
  SourceWatch watch;
  for (int i = 0; i < 60; ++i) watch.Note(Public(i / 2));
  const SourceReport report = watch.Report();
  CHECK(report.requests == 60);
  CHECK(report.given == 60);
  CHECK(report.distinct == 30);
  CHECK(report.commonest == 2);
  CHECK(Judge(report, false).sane);
  CHECK(Judge(report, false).sentence == "looks sane: set the source rules to enforce");
  CHECK(Judge(report, true).sentence == "looks sane: the source rules are in force");
}

TEST_CASE("a few requests tell nothing") {
  SourceWatch watch;
  CHECK(VerdictSays(watch, "too few to tell: 0 requests"));
  for (int i = 0; i < 49; ++i) watch.Note(Public(i));
  CHECK(VerdictSays(watch, "too few to tell: 49 requests"));
  watch.Note(Public(50));
  CHECK(Judge(watch.Report(), false).sane);
}

TEST_CASE("what cannot be the addresses of those who ask is told by what is wrong with it") {
  const auto after = [](auto address) {
    auto watch = std::make_unique<SourceWatch>();
    for (int i = 0; i < 100; ++i) watch->Note(address(i));
    return watch;
  };
  CHECK(VerdictSays(*after([](int) { return std::string("203.0.113.7"); }), "one address: your proxy's?"));
  CHECK(VerdictSays(*after([](int i) { return Public(i % 3); }), "came from 3 addresses: your proxies'?"));
  CHECK(VerdictSays(*after([](int i) { return i < 60 ? std::string() : Public(i); }),
                    "only 40 of the last 100 requests"));
  CHECK(VerdictSays(*after([](int i) { return i < 11 ? "10.0.0." + std::to_string(i) : Public(i); }),
                    "11 of the last 100 requests with a client_ip came from private"));
  CHECK(VerdictSays(*after([](int i) { return i < 2 ? std::string("203.0.113.7:443") : Public(i); }),
                    "2 of the last 100 requests brought a client_ip that is no IP address"));
  CHECK(VerdictSays(*after([](int i) { return i < 51 ? std::string("203.0.113.7") : Public(i); }),
                    "51 of the last 100 requests with a client_ip came from one address"));
}

TEST_CASE("one subscriber's IPv6 addresses are one, and IPv4 in IPv6 is itself") {
  SourceWatch watch;
  for (const char* ip : {"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "::ffff:203.0.113.7", "203.0.113.7"})
    watch.Note(ip);
  CHECK(watch.Report().given == 5);
  CHECK(watch.Report().distinct == 3);
}

TEST_CASE("what is no public address counts as internal") {
  SourceWatch watch;
  for (const char* ip : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "169.254.1.1",
                         "100.64.0.1", "0.0.0.0", "::1", "::", "fd00::1", "fe80::1", "::ffff:10.0.0.1"})
    watch.Note(ip);
  CHECK(watch.Report().internal == 13);
  for (const char* ip : {"172.15.0.1", "172.32.0.1", "100.128.0.1", "11.0.0.1", "192.169.0.1", "2001:db8::1"})
    watch.Note(ip);
  CHECK(watch.Report().internal == 13);
}

TEST_CASE("only the last thousand count") {
  SourceWatch watch;
  for (int i = 0; i < 500; ++i) watch.Note("203.0.113.7");
  for (int i = 0; i < 1000; ++i) watch.Note(Public(i));
  CHECK(watch.Report().requests == 1000);
  CHECK(watch.Report().distinct == 1000);
  CHECK(Judge(watch.Report(), false).sane);
}

TEST_CASE("many threads may note at once") {
  SourceWatch watch;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&watch, t] {
        for (int i = 0; i < 100; ++i) watch.Note(Public(t * 100 + i));
        (void)watch.Report();
      });
    }
  }
  CHECK(watch.Report().distinct == 400);
}
