#include "api/resources/lists.h"

#include <doctest/doctest.h>

using namespace sealpost;

namespace {

auto Read(std::map<std::string, std::string, std::less<>> query) {
  http::Request request;
  request.query = std::move(query);
  return resources::ReadPage(request);
}

}  // namespace

TEST_CASE("a page is twenty from the newest unless asked otherwise") {
  CHECK(Read({})->limit == 20);
  CHECK(Read({})->after.empty());
  CHECK(Read({{"limit", "1"}})->limit == 1);
  CHECK(Read({{"limit", "100"}})->limit == 100);
  const std::string id = "0190f3c2-0000-7000-8000-000000000001";
  CHECK(Read({{"after", id}})->after == id);
}

TEST_CASE("a limit that is no number from 1 to 100 is refused") {
  for (const char* limit : {"0", "101", "-1", "x", "1x", " 1", "1.0", "99999999999999999999999"}) {
    CHECK_MESSAGE(!Read({{"limit", limit}}).has_value(), limit);
  }
}

TEST_CASE("paging backwards is refused by name, and so is a place that is no id") {
  CHECK(Read({{"before", "x"}}).error().message.find("`before`") != std::string::npos);
  CHECK(http::NameText(Read({{"after", "x"}}).error().name) == "invalid_parameter");
}
