#include "api/resources/lists.h"

#include <doctest/doctest.h>

using namespace sealpost;

namespace {

auto ReadQuery(std::map<std::string, std::string, std::less<>> query) {
  http::Request request;
  request.query = std::move(query);
  return resources::ReadPage(request);
}

}  // namespace

TEST_CASE("a page is twenty from the newest unless asked otherwise") {
  CHECK(ReadQuery({})->limit == 20);
  CHECK(ReadQuery({})->after.empty());
  CHECK(ReadQuery({{"limit", "1"}})->limit == 1);
  CHECK(ReadQuery({{"limit", "100"}})->limit == 100);
  const std::string id = "0190f3c2-0000-7000-8000-000000000001";
  CHECK(ReadQuery({{"after", id}})->after == id);
}

TEST_CASE("a limit that is no number from 1 to 100 is refused") {
  for (const char* limit : {"0", "101", "-1", "x", "1x", " 1", "1.0", "99999999999999999999999"}) {
    CHECK_MESSAGE(!ReadQuery({{"limit", limit}}).has_value(), limit);
  }
}

TEST_CASE("paging backwards is refused by name, and so is a place that is no id") {
  CHECK(ReadQuery({{"before", "x"}}).error().message.find("`before`") != std::string::npos);
  CHECK(http::NameText(ReadQuery({{"after", "x"}}).error().name) == "invalid_parameter");
}
