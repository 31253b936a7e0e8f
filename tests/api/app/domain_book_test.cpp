#include "api/app/domain_book.h"

#include <doctest/doctest.h>

#include "mailer/dkim/key_files.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

struct Keys {
  app::DeclaredDomain Declare(const std::string& name) {
    const std::string file = folder.File(name + ".pem");
    REQUIRE(dkim::MakeKeyFile(file, name, "s1", dkim::Algorithm::kEd25519Sha256));
    return {name, "bounce." + name, {{"s1", file}}};
  }
  tests::TempFolder folder;
};

}  // namespace

TEST_CASE("a declared domain may send, signs with its keys and says where bounces return") {
  Keys keys;
  app::DomainBook book;
  REQUIRE(book.Replace({keys.Declare("a.example")}, true));
  CHECK(book.Size() == 1);
  CHECK(book.Names() == std::vector<std::string>{"a.example"});
  CHECK(book.Find("a.example")->return_path == "bounce.a.example");
  CHECK(book.KeysFor("a.example").size() == 1);
  CHECK_FALSE(book.Find("sub.a.example"));
  CHECK_FALSE(book.Find("b.example"));
  CHECK(book.KeysFor("b.example").empty());
}

TEST_CASE("where undeclared domains may send they have a return path and no keys") {
  app::DomainBook book;
  REQUIRE(book.Replace({}, false));
  CHECK(book.Find("b.example")->return_path == "bounce.b.example");
  CHECK(book.KeysFor("b.example").empty());
}

TEST_CASE("a new declaration replaces the old one, and one with a bad key changes nothing") {
  Keys keys;
  app::DomainBook book;
  const app::DeclaredDomain first = keys.Declare("a.example"), second = keys.Declare("b.example");
  REQUIRE(book.Replace({first}, true));
  app::DeclaredDomain broken = second;
  broken.dkim[0].key_file = keys.folder.Write("broken.pem", "no key");
  const auto refused = book.Replace({broken}, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("DKIM key s1 of b.example") == 0);
  CHECK(book.Find("a.example"));
  CHECK_FALSE(book.Find("b.example"));
  REQUIRE(book.Replace({second}, true));
  CHECK_FALSE(book.Find("a.example"));
  CHECK(book.Find("b.example"));
}
