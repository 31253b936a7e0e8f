#include "api/app/check_input.h"

#include <doctest/doctest.h>

namespace sealpost::app {
namespace {

base::Result<std::vector<dns::Sender>> ReadSelectors(const std::string& domain, std::vector<std::string> selectors) {
  CheckWords words;
  words.domains = {domain};
  words.selectors = std::move(selectors);
  DnsOptions dns;
  return ReadSenders(words, dns);
}

}  // namespace

TEST_CASE("a selector alone signs for the From domain, its whole name for the domain in it") {
  const auto senders = ReadSelectors("News.Example.com", {"s1", "s2._domainkey.Example.com"});
  REQUIRE(senders);
  const auto& signers = senders->front().signers;
  REQUIRE(signers.size() == 2);
  CHECK(signers[0].domain == "news.example.com");
  CHECK(signers[0].selector == "s1");
  CHECK(signers[1].domain == "example.com");
  CHECK(signers[1].selector == "s2");
}

TEST_CASE("a selector whose whole name ends in no domain is refused") {
  const auto senders = ReadSelectors("example.com", {"s1._domainkey.not a domain"});
  REQUIRE_FALSE(senders);
  CHECK(senders.error().message.contains("--selector"));
}

}  // namespace sealpost::app
