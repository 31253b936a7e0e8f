#include "api/app/registered_domains.h"

#include <doctest/doctest.h>

#include "mailer/base/files.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

base::Log& Quiet() {
  static base::Log log(base::LogLevel::kOff);
  return log;
}

}  // namespace

TEST_CASE("what was registered is found by the system's list") {
  const auto part = app::RegisteredPart("", Quiet());
  REQUIRE(part);
  CHECK(part("a.b.evil.example") == "evil.example");
  CHECK(part("mail.shop.co.uk") == "shop.co.uk");
  CHECK(part("x.bob.github.io") == "bob.github.io");
  CHECK(part("bob.github.io") == "bob.github.io");
  CHECK(part("co.uk") == "co.uk");
  CHECK(part("localhost") == "localhost");
  CHECK(part("mail.shishi.xn--55qx5d.cn") == "shishi.xn--55qx5d.cn");
}

TEST_CASE("a list of one's own decides instead, and one that is missing leaves every name to itself") {
  const tests::TempFolder folder;
  REQUIRE(base::WriteFile(folder.File("list.dat"), "example\nshared.example\n"));
  const auto own = app::RegisteredPart(folder.File("list.dat"), Quiet());
  REQUIRE(own);
  CHECK(own("x.ann.shared.example") == "ann.shared.example");
  CHECK_FALSE(app::RegisteredPart(folder.File("none.dat"), Quiet()));
}
