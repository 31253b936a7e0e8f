#include "dns/checks/mail_host.h"

#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

dns::Reception Reception(const std::string& zone) {
  Trial trial;
  trial.zone.Add(zone);
  dns::Findings findings;
  const dns::Tools tools{trial.zone, Suffixes(), {}};
  const dns::Context context{trial.sender, tools, findings};
  return dns::FindMailHost(context, "x.test").reception;
}

}  // namespace

TEST_CASE("where mail for a domain goes: MX, the address without one, nowhere, or unknown") {
  CHECK(Reception("x.test MX 10 a.test") == dns::Reception::kMx);
  CHECK(Reception("x.test AAAA 2620:fe::9") == dns::Reception::kAddress);
  CHECK(Reception("x.test MX 0 .") == dns::Reception::kNullMx);
  CHECK(Reception("") == dns::Reception::kNothing);
  CHECK(Reception("x.test MX REFUSED\nx.test A 9.9.9.9") == dns::Reception::kUnknown);
  CHECK(Reception("x.test A TIMEOUT") == dns::Reception::kUnknown);
  CHECK(Reception("x.test A TIMEOUT\nx.test AAAA 2620:fe::9") == dns::Reception::kAddress);
}

TEST_CASE("a null MX beside another record is none") {
  CHECK(Reception("x.test MX 0 .\nx.test MX 10 a.test") == dns::Reception::kMx);
}

}  // namespace sealpost::tests
