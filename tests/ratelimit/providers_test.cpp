#include "ratelimit/providers.h"

#include <doctest/doctest.h>

using namespace sealpost::ratelimit;

TEST_CASE("a provider is found by each of its domains, and by nothing that only resembles one") {
  REQUIRE(FindProvider("googlemail.com") != nullptr);
  CHECK(FindProvider("googlemail.com")->name == "gmail");
  CHECK(FindProvider("hotmail.co.uk")->name == "outlook");
  CHECK(FindProvider("pm.me")->name == "proton");
  for (const char* domain : {"", "com", "mail.gmail.com", "gmail.com.example", "gmail"}) {
    CHECK(FindProvider(domain) == nullptr);
  }
}

TEST_CASE("dots are ignored where the provider says so, and only there") {
  CHECK(FindProvider("gmail.com")->ignored == ".");
  CHECK(FindProvider("outlook.com")->ignored.empty());
  CHECK(FindProvider("fastmail.com")->ignored.empty());
}

TEST_CASE("free mailers are those of the table and others") {
  CHECK(IsFreemail("icloud.com"));
  CHECK(IsFreemail("web.de"));
  CHECK(IsFreemail("naver.com"));
  CHECK_FALSE(IsFreemail("example.com"));
}
