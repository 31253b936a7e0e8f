#include "api/resources/domain_dns.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

namespace {

const std::string kDnsPath = "/x/domains/acme.example/dns";

struct Asked {
  std::string domain;
  bool fresh = false;
  int times = 0;
};

void Serve(Api& api, Asked& asked) {
  resources::AddDomainDns(api.router, {[&asked](const std::string& domain, bool fresh) -> base::Result<std::string> {
                                         asked = {domain, fresh, asked.times + 1};
                                         if (domain == "late.example")
                                           return base::Fail(base::ErrorKind::kUnavailable, "ask again shortly");
                                         if (domain != "acme.example" && domain != "xn--bcher-kva.example")
                                           return base::Fail(base::ErrorKind::kNotFound,
                                                             domain + " is not declared here.");
                                         return R"({"schema":1})";
                                       },
                                       api.key_rate});
}

}  // namespace

TEST_CASE("the report of a declared domain is answered as it is") {
  Api api;
  Asked asked;
  Serve(api, asked);
  const http::Response response = api.Ask("GET", kDnsPath);
  CHECK(response.status == 200);
  CHECK(response.body == R"({"schema":1})");
  CHECK_FALSE(asked.fresh);
}

TEST_CASE("a fresh look is had by asking for it") {
  Api api;
  Asked asked;
  Serve(api, asked);
  CHECK(api.Ask("GET", kDnsPath, "", {}, {{"fresh", "true"}}).status == 200);
  CHECK(asked.fresh);
  CHECK(api.Ask("GET", kDnsPath, "", {}, {{"fresh", "false"}}).status == 200);
  CHECK_FALSE(asked.fresh);
  const http::Response refused = api.Ask("GET", kDnsPath, "", {}, {{"fresh", "1"}});
  CHECK(refused.status == 422);
  CHECK(Json(refused.body).Text("name") == "invalid_parameter");
  CHECK(asked.times == 2);
}

TEST_CASE("the name may come in any case, as U-label or A-label") {
  Api api;
  Asked asked;
  Serve(api, asked);
  for (const char* name : {"ACME.Example", "acme.example"}) {
    CHECK(api.Ask("GET", std::string("/x/domains/") + name + "/dns").status == 200);
    CHECK(asked.domain == "acme.example");
  }
  for (const char* name : {"b\xc3\xbc"
                           "cher.example",
                           "B\xc3\x9c"
                           "CHER.example",
                           "xn--bcher-kva.example"}) {
    CHECK(api.Ask("GET", std::string("/x/domains/") + name + "/dns").status == 200);
    CHECK(asked.domain == "xn--bcher-kva.example");
  }
}

TEST_CASE("a domain that is not declared, and what is no domain, is not found") {
  Api api;
  Asked asked;
  Serve(api, asked);
  const std::vector<std::string> names = {"other.example", "nodots", "a..b", "192.0.2.1", std::string(300, 'a')};
  for (const std::string& name : names) {
    const http::Response response = api.Ask("GET", "/x/domains/" + name + "/dns");
    CHECK_MESSAGE(response.status == 404, name);
    CHECK(Json(response.body).Text("name") == "not_found");
  }
}

TEST_CASE("a look that does not end in time is told as that") {
  Api api;
  Asked asked;
  Serve(api, asked);
  const http::Response response = api.Ask("GET", "/x/domains/late.example/dns");
  CHECK(response.status == 503);
  CHECK(Json(response.body).Text("message") == "ask again shortly");
}

TEST_CASE("where nobody looks the answer says how to begin") {
  Api api;
  resources::AddDomainDns(api.router, {nullptr, api.key_rate});
  const http::Response response = api.Ask("GET", kDnsPath);
  CHECK(response.status == 404);
  CHECK(Json(response.body).Text("name") == "not_found");
  CHECK(Json(response.body).Text("message").find("--dns") != std::string::npos);
}

TEST_CASE("a key that may only send does not read reports") {
  Api api;
  Asked asked;
  Serve(api, asked);
  api.key.permission = model::Permission::kSendingAccess;
  CHECK(Json(api.Ask("GET", kDnsPath).body).Text("name") == "restricted_api_key");
  CHECK(asked.times == 0);
}
