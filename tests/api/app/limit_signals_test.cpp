#include "api/app/limit_signals.h"

#include <doctest/doctest.h>

#include "tests/api/app/signals_fixture.h"

using namespace sealpost;
using app::tests::SignalsFixture;

TEST_CASE("an attack and a rule in shadow mode are counted by name, without whom they are about") {
  ratelimit::Policy policy = ratelimit::Policy::Default();
  policy.source = {{std::chrono::minutes(10), 1, ratelimit::Mode::kShadow}};
  SignalsFixture house(policy);
  house.Flood("ann@example.org");
  const std::string told = house.metrics.Expose();
  CHECK(told.find("sealpost_limit_signals_total{kind=\"recipient.under_attack\"} 1") != std::string::npos);
  CHECK(told.find("sealpost_limit_shadow_total{rule=\"umbrella-source-10m\"}") != std::string::npos);
  CHECK(told.find("ann") == std::string::npos);
  CHECK(told.find("192.0.2.1") == std::string::npos);
}

TEST_CASE("refusals are counted by category, scope and rule, and only those of a rule") {
  SignalsFixture house;
  house.Flood("ann@example.org");
  house.limiter->Block("bob@example.org", base::ToMillis(house.clock.Now()) + 60'000);
  house.Ask("bob@example.org");
  house.Ask("cleo@example.org");
  const std::string told = house.metrics.Expose();
  CHECK(told.find("sealpost_limit_refusals_total{category=\"otp\",rule=\"otp-mailbox-30s\",scope=\"mailbox\"} 29") !=
        std::string::npos);
  CHECK(told.find("sealpost_limit_refusals_total{category=\"otp\",rule=\"recipient-block\",scope=\"recipient\"} 1") !=
        std::string::npos);
}

TEST_CASE("what an administrator makes the limiter forget is told as the end of the attack") {
  SignalsFixture house;
  house.Flood("ann@example.org");
  house.clock.Advance(base::Millis(1));
  house.limiter->Reset("ann@example.org");
  house.limiter->Reset("ann@example.org");
  house.limiter->Reset("bob@example.org");
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered ");
}

TEST_CASE("where requests come from is noted of those that the rules over sources are for") {
  SignalsFixture house;
  house.Ask("ann@example.org");
  ratelimit::Request other{.id = "a", .recipients = {{.mailbox = "bob@example.org"}}, .source = "192.0.2.1"};
  for (const auto category : {ratelimit::Category::kReceipt, ratelimit::Category::kSecurityAlert}) {
    other.category = category;
    house.limiter->Admit(other);
  }
  other.category = ratelimit::Category::kOtp;
  other.trust = ratelimit::Trust::kFull;
  house.limiter->Admit(other);
  CHECK(house.sources.Report().requests == 1);
  CHECK(house.sources.Report().given == 1);
  other.category = ratelimit::Category::kInvitation;  // trust changes nothing for it
  other.source.clear();
  house.limiter->Admit(other);
  CHECK(house.sources.Report().requests == 2);
  CHECK(house.sources.Report().given == 1);
}
