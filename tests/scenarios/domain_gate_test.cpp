#include <doctest/doctest.h>

#include "tests/scenarios/production.h"
#include "tests/support/fake_dns_server.h"
#include "tests/support/fake_smtp_server.h"

using namespace sealpost::scenarios;
using tests::FakeDnsServer;
using tests::FakeSmtpServer;

namespace {

const std::string kReport = "/x/domains/acme.example/dns";

// A name server that knows no record of acme.example, and what to do about that.
Production With(const FakeDnsServer& dns, const FakeSmtpServer& relay, const std::string& gate, int grace) {
  return Production(relay.port(), "[dns]\nservers = [\"" + dns.address() + "\"]\n[domains]\ngate = \"" + gate +
                                      "\"\ngate_grace = " + std::to_string(grace) + "\n");
}

Json Report(Sealpost& service) {
  const HttpReply reply = service.Get(kReport);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  return Json::Of(reply.body);
}

}  // namespace

TEST_CASE("block refuses mail of a domain whose records fail beyond the grace period, and says what fails") {
  FakeDnsServer dns;
  FakeSmtpServer relay;
  Production production = With(dns, relay, "block", 0);
  Sealpost service = production.Start();
  const Json report = Report(service);
  CHECK(report["verdict"].Text() == "no");
  CHECK(report["history"].Size() == 1);
  const HttpReply refused = service.Post("/emails", Message("ann@example.org"));
  CAPTURE(refused.body);
  CHECK(refused.status == 403);
  const Json problem = Json::Of(refused.body);
  CHECK(problem["name"].Text() == "validation_error");
  for (const char* part : {"acme.example", "SPF-NONE", "DKIM-NONE", "sealpost check"})
    CHECK_MESSAGE(Holds(problem["message"].Text(), part), part);
  CHECK(HealthOf(service, "domains") == "degraded");
  CHECK(service.Get("/readyz").status == 200);
  CHECK(service.Stop() == 0);
}

TEST_CASE("block lets mail pass within the grace period") {
  FakeDnsServer dns;
  FakeSmtpServer relay;
  Production production = With(dns, relay, "block", 3600);
  Sealpost service = production.Start();
  CHECK(Report(service)["verdict"].Text() == "no");
  const std::string id = Send(service, Message("ann@example.org"));
  CHECK(AwaitState(service, id, "delivered"));
}

TEST_CASE("warn tells, and mail goes on") {
  FakeDnsServer dns;
  FakeSmtpServer relay;
  Production production = With(dns, relay, "warn", 0);
  Sealpost service = production.Start();
  CHECK(Report(service)["verdict"].Text() == "no");
  CHECK(HealthOf(service, "domains") == "degraded");
  const std::string id = Send(service, Message("ann@example.org"));
  CHECK(AwaitState(service, id, "delivered"));
}

TEST_CASE("silent name servers block nothing") {
  FakeDnsServer dns;
  dns.SetSilenceAll(true);
  FakeSmtpServer relay;
  Production production = With(dns, relay, "block", 0);
  Sealpost service = production.Start();
  const std::string id = Send(service, Message("ann@example.org"));
  CHECK(AwaitState(service, id, "delivered"));
  // Within the look, which is told to end.
  CHECK(service.Stop() == 0);
}

TEST_CASE("a domain that is not declared has no report") {
  FakeDnsServer dns;
  FakeSmtpServer relay;
  Production production = With(dns, relay, "off", 0);
  Sealpost service = production.Start();
  CHECK(service.Get("/x/domains/other.example/dns").status == 404);
  CHECK(service.Get("/x/domains/ACME.example/dns").status == 200);
  CHECK(HealthOf(service, "domains") == "ok");
}
