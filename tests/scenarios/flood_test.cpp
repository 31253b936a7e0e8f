// The hostile script that ratelimit/docs/limits.md shows, run as it stands there.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

std::string ScriptUnder(const std::string& heading) {
  std::ifstream file(SEALPOST_SOURCE_DIR "/ratelimit/docs/limits.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string fence = "```sh\n";
  const std::size_t begin = page.find(fence, page.find(heading)) + fence.size();
  REQUIRE(begin > fence.size());
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

TEST_CASE("the hostile script of the documentation gets six mails through, as it says") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const tests::Outcome flood = tests::Run(
      {"sh", "-c", ScriptUnder("## Try to flood it")},
      {.environment = {"SEALPOST=http://127.0.0.1:" + std::to_string(service.port())}}, std::chrono::minutes(3));
  CAPTURE(flood.output);
  CHECK(flood.exit_code == 0);
  CHECK(flood.output.ends_with("caught: 6\n"));
  CHECK(flood.output.find("429 \n") != std::string::npos);
  CHECK(flood.output.find("200 accepted") != std::string::npos);
  CHECK(flood.output.find("200 suppressed") != std::string::npos);
  CHECK(flood.output.find("422") == std::string::npos);
  CHECK(Inbox(service).Size() == 6);
}
