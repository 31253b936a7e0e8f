#include "dns/checks/spf_fix.h"

#include <doctest/doctest.h>

#include <string>

#include "dns/spf_record.h"

using namespace sealpost::dns;

TEST_CASE("merged records keep each term once, in whatever case, and the mildest all") {
  CHECK(MergeSpf({"v=spf1 a MX -all", "v=spf1 mx ip4:192.0.2.1 ~all"}) == "v=spf1 a MX ip4:192.0.2.1 ~all");
  CHECK(MergeSpf({"v=spf1 a -all", "V=SPF1 A -all"}) == "v=spf1 a -all");
  CHECK(MergeSpf({"v=spf1 a +all", "v=spf1 mx ?all"}) == "v=spf1 a mx ~all");
}

TEST_CASE("merging keeps what a redirect lets pass, and nothing that was dead behind all") {
  CHECK(MergeSpf({"v=spf1 redirect=a.example", "v=spf1 mx -all"}) == "v=spf1 include:a.example mx -all");
  CHECK(MergeSpf({"v=spf1 a -all redirect=a.example ptr", "v=spf1 mx -all"}) == "v=spf1 a mx -all");
  CHECK(MergeSpf({"v=spf1 a exp=a.example", "v=spf1 mx exp=b.example"}) == "v=spf1 a mx ~all exp=a.example");
}

TEST_CASE("records as long as an answer can be are merged") {
  std::string one = "v=spf1", other = "v=spf1";
  for (int i = 0; i < 5'000; ++i) {
    one += " x" + std::to_string(i) + "=";
    other += " X" + std::to_string(i) + "= y" + std::to_string(i) + "=";
  }
  CHECK(SpfWords(MergeSpf({one, other})).size() == 1 + 10'000 + 1);
}

TEST_CASE("no repair makes a record that cannot be read") {
  for (const char* text :
       {"v=spf1; ip4:192.0.2.1, a:mail.example.com; -all", "'v=spf1 ip4: 192.0.2.1 include: a.example all",
        "v=spf1 192.0.2.1 2001:db8::1 ip4:192.0.2.2~all", "v=spf1 redirect=a.example redirect=b.example"}) {
    INFO(text);
    const std::string repaired = Repaired(text);
    CHECK_FALSE(repaired.empty());
    CHECK(ParseSpf(repaired).has_value());
  }
  CHECK(Repaired("v=DMARC1; p=none") == "");
}
