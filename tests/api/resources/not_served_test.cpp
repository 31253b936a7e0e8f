#include "api/resources/not_served.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

TEST_CASE("a path of the contract that is not served says what is missing") {
  Api api;
  resources::AddNotServed(api.router);
  const std::pair<const char*, const char*> paths[] = {
      {"GET", "/emails"},
      {"GET", "/emails/metrics"},
      {"POST", "/domains"},
      {"GET", "/domains/x"},
      {"DELETE", "/domains/x"},
      {"POST", "/domains/x/verify"},
      {"DELETE", "/api-keys/x"},
      {"GET", "/webhooks/x"},
      {"PATCH", "/webhooks/x"},
      {"GET", "/contacts/x"},
      {"PATCH", "/contacts/x"},
      {"GET", "/contacts/x/topics"},
      {"DELETE", "/suppressions/x"},
      {"POST", "/suppressions/batch/add"},
      {"GET", "/logs/x"},
      {"GET", "/audiences"},
      {"POST", "/broadcasts"},
      {"GET", "/segments"},
      {"DELETE", "/templates/x"},
      {"PATCH", "/topics/x"},
      {"POST", "/x/bounces"},
  };
  for (const auto& [method, path] : paths) {
    const http::Response response = api.Ask(method, path);
    CHECK_MESSAGE(response.status == 404, method << " " << path);
    const Json body(response.body);
    CHECK(body.Text("name") == "not_found");
    CHECK_MESSAGE(body.Text("message").find("is not served by this version") != std::string::npos,
                  method << " " << path);
  }
}

TEST_CASE("without a key nothing is told, not even what is missing") {
  Api api;
  resources::AddNotServed(api.router);
  http::Request request{.method = "GET", .path = "/domains"};
  CHECK(api.router.Dispatch(request).response.status == 401);
}
