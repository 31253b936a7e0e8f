#include "api/app/key_book.h"

#include <doctest/doctest.h>

#include "api/app/admin.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

struct Store {
  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<store::Database> database =
      std::move(*store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log));
};

}  // namespace

TEST_CASE("a token is told once, and only its hash is kept") {
  const tests::ManualClock clock;
  const app::NewKey made = app::MakeKey("ci", model::Permission::kSendingAccess, true, clock.Now());
  CHECK(made.token.starts_with("sp_"));
  CHECK(made.token.size() >= 3 + 43);
  CHECK(made.key.token_hash.size() == 64);
  CHECK(made.key.token_hash.find(made.token) == std::string::npos);
  CHECK(app::MakeKey("ci", model::Permission::kSendingAccess, true, clock.Now()).token != made.token);
}

TEST_CASE("a key is found by its token, with its rights, also after a restart") {
  Store store;
  const auto made = app::CreateKey(*store.database, {"app", "full_access", true, "otp"}, ratelimit::Policy::Default(),
                                   store.clock.Now());
  REQUIRE(made);
  app::KeyBook book;
  CHECK_FALSE(book.Find(made->token));
  REQUIRE(book.Load(*store.database));
  CHECK(book.Size() == 1);
  const auto found = book.Find(made->token);
  REQUIRE(found);
  CHECK(found->name == "app");
  CHECK(found->permission == model::Permission::kFullAccess);
  CHECK(found->may_assert_trust);
  CHECK(found->category == "otp");
  for (const std::string& wrong :
       {std::string(), made->token + "x", made->token.substr(1), made->key.token_hash, made->key.id}) {
    CHECK_FALSE(book.Find(wrong));
  }
}

TEST_CASE("a key added while the service runs counts at once") {
  app::KeyBook book;
  const tests::ManualClock clock;
  app::NewKey made = app::MakeKey("ci", model::Permission::kSendingAccess, false, clock.Now());
  book.Add(made.key);
  book.Add(made.key);
  CHECK(book.Size() == 1);
  CHECK(book.Find(made.token)->id == made.key.id);
}
