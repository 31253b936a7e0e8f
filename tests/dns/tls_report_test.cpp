#include "dns/tls_report.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

TEST_CASE("a TLS reporting record begins with v=TLSRPTv1 and a semicolon") {
  CHECK(IsTlsReportRecord("v=TLSRPTv1; rua=mailto:a@example.com"));
  CHECK(IsTlsReportRecord("v=TLSRPTv1;rua=x"));
  CHECK_FALSE(IsTlsReportRecord("v=TLSRPTv1"));
  CHECK_FALSE(IsTlsReportRecord("v=tlsrptv1;"));
  CHECK_FALSE(IsTlsReportRecord("v=TLSRPTv10;"));
  CHECK_FALSE(IsTlsReportRecord(" v=TLSRPTv1;"));
}

TEST_CASE("reports go to every URI of rua, mailto or https, unknown fields are passed over") {
  const auto uris = ParseTlsReport("v=TLSRPTv1;rua=mailto:tls@example.com , https://reports.example/v1; x=1;");
  REQUIRE(uris);
  CHECK(*uris == std::vector<std::string>{"mailto:tls@example.com", "https://reports.example/v1"});
}

TEST_CASE("a TLS reporting record without a usable rua says why") {
  CHECK(ParseTlsReport("v=TLSRPTv1; x=1").error() == "no rua=");
  CHECK(ParseTlsReport("v=TLSRPTv1;").error() == "no rua=");
  CHECK(ParseTlsReport("v=TLSRPTv1; rua=").error() == "column 13: \"rua=\" has no value");
  CHECK(ParseTlsReport("v=TLSRPTv1; rua=tls@example.com").error() ==
        "rua \"tls@example.com\": no scheme such as \"mailto:\" in front");
  CHECK(ParseTlsReport("v=TLSRPTv1; rua=http://x.example/").error() ==
        "rua \"http://x.example/\": neither mailto: nor https:");
  CHECK_FALSE(ParseTlsReport("v=TLSRPTv1; rua=mailto:a@example.com,"));
  CHECK_FALSE(ParseTlsReport("v=TLSRPTv1; rua=mailto:a@example.com!10m"));
  CHECK_FALSE(ParseTlsReport("v=TLSRPTv1; rua=mailto:a@x.example; rua=mailto:b@x.example"));
  CHECK(ParseTlsReport("v=TLSRPTv1; rua=mailto:a\0@x.example"s).error() ==
        "column 25: byte 0x00 is not printable ASCII");
  CHECK(ParseTlsReport("v=STSv1; id=1").error() == "does not begin with \"v=TLSRPTv1;\"");
}
