#include "api/http/message.h"

#include <doctest/doctest.h>

using namespace sealpost::http;

TEST_CASE("Header names are found in any case") {
  Request request;
  request.headers["Content-Type"] = "application/json";
  CHECK(request.Header("content-type") == "application/json");
  CHECK(request.Header("CONTENT-TYPE") == "application/json");
  CHECK(request.Header("Content-Typ").empty());
  CHECK(request.Header("").empty());
}

TEST_CASE("Query names are found exactly") {
  Request request;
  request.query["after"] = "x";
  CHECK(request.Query("after") == "x");
  CHECK(request.Query("After").empty());
}
