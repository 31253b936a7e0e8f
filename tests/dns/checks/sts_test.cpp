#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckTransport;
using dns::FetchRequest;
using dns::FetchResult;

constexpr const char* kStsPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

struct StsTrial : Trial {
  FetchResult result{200, "text/plain; charset=utf-8", kStsPolicy, "", false};
  std::vector<FetchRequest> fetched;

  StsTrial() {
    zone.Add("_mta-sts.example.com TXT \"v=STSv1; id=20260101\"");
    zone.Add("mta-sts.example.com A 9.9.9.80");
    fetch = [this](const FetchRequest& request) {
      fetched.push_back(request);
      return result;
    };
  }
  std::string Verdict() { return VerdictOf(Run(CheckTransport), "STS-TXT"); }
};

}  // namespace

TEST_CASE("STS-TXT: record and policy that name every MX host pass, and the file is asked for at its place") {
  StsTrial trial;
  CHECK(trial.Verdict() == "pass");
  REQUIRE(trial.fetched.size() == 1);
  CHECK(trial.fetched[0].url == "https://mta-sts.example.com/.well-known/mta-sts.txt");
  REQUIRE(trial.fetched[0].addresses.size() == 1);
  CHECK(dns::ToString(trial.fetched[0].addresses[0]) == "9.9.9.80");
}

TEST_CASE("STS-TXT: a policy that misses an MX host is a warning, a wildcard that names it is none") {
  StsTrial trial;
  trial.zone.Add("example.com MX 20 mx2.example.com");
  const auto found = trial.Run(CheckTransport);
  CHECK(Faults(found) == "STS-TXT warn");
  CHECK(Of(found, "STS-TXT").detail.contains("mx2.example.com"));
  trial.result.body = "version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 604800\n";
  CHECK(trial.Verdict() == "pass");
}

TEST_CASE("STS-TXT: an address in the place of an MX host is not missed by the policy, MX-IP reports it") {
  StsTrial trial;
  trial.zone.Add("example.com MX 20 9.9.9.9");
  CHECK(trial.Verdict() == "pass");
}

TEST_CASE("STS-TXT: no MTA-STS, mode none and a short max_age are notes") {
  CHECK(VerdictOf(Trial().Run(CheckTransport), "STS-TXT") == "info");
  StsTrial none;
  none.result.body = "version: STSv1\nmode: none\nmax_age: 604800\n";
  CHECK(none.Verdict() == "info");
  StsTrial brief;
  brief.result.body = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 60\n";
  CHECK(brief.Verdict() == "info");
}

TEST_CASE("STS-TXT: two records, a record without id and one with another version are warnings") {
  StsTrial two;
  two.zone.Add("_mta-sts.example.com TXT \"v=STSv1; id=2\"");
  CHECK(two.Verdict() == "warn");
  for (const char* text : {"v=STSv1;", "v=STSV1; id=1", "v=STSv1; id=not-alnum"}) {
    StsTrial trial;
    trial.Publish("_mta-sts.example.com", "TXT", "\"" + std::string(text) + "\"");
    CHECK_MESSAGE(trial.Verdict() == "warn", text);
    CHECK(trial.fetched.empty());
  }
}

TEST_CASE("STS-TXT: a redirect, an error, another media type and a broken policy are warnings") {
  for (const FetchResult& result : {FetchResult{302, "", "", "", false}, FetchResult{404, "text/plain", "", "", false},
                                    FetchResult{200, "text/html", kStsPolicy, "", false},
                                    FetchResult{200, "text/plain", "mode: enforce", "", false},
                                    FetchResult{0, "", "", "the certificate is for another name", false}}) {
    StsTrial trial;
    trial.result = result;
    CHECK_MESSAGE(trial.Verdict() == "warn", result.status);
  }
}

TEST_CASE("STS-TXT: a policy host without address is a warning") {
  StsTrial trial;
  trial.zone.Remove("mta-sts.example.com", "A");
  CHECK(trial.Verdict() == "warn");
}

TEST_CASE("STS-TXT is unknown when the policy, its host, the record or the MX could not be had") {
  StsTrial timeout;
  timeout.result = {0, "", "", "no answer in time", true};
  CHECK(timeout.Verdict() == "unknown");
  StsTrial no_fetcher;
  no_fetcher.fetch = {};
  CHECK(no_fetcher.Verdict() == "unknown");
  StsTrial host;
  host.Publish("mta-sts.example.com", "A", "SERVFAIL");
  CHECK(host.Verdict() == "unknown");
  StsTrial record;
  record.Publish("_mta-sts.example.com", "TXT", "TIMEOUT");
  CHECK(record.Verdict() == "unknown");
  StsTrial mx;
  mx.Publish("example.com", "MX", "REFUSED");
  CHECK(mx.Verdict() == "unknown");
}

}  // namespace sealpost::tests
