#include "api/app/default_categories.h"

#include <doctest/doctest.h>

#include "mailer/base/id.h"
#include "mailer/base/log.h"
#include "mailer/store/keys.h"
#include "mailer/store/templates.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

struct CategoriesHouse {
  void AddKey(const std::string& name, const std::string& category) {
    const model::ApiKey key{
        .id = base::NewId(clock.Now()), .name = name, .token_hash = name, .created_at = {}, .category = category};
    REQUIRE(database->Write([&](store::Session& session) { return store::InsertKey(session, key); }));
  }
  std::string AddTemplate(const std::string& draft, const std::optional<std::string>& published = std::nullopt) {
    clock.Advance(std::chrono::milliseconds(1));  // ids ascend by the millisecond
    model::Template value;
    value.id = base::NewId(clock.Now());
    value.draft.category = draft;
    if (published) value.published.emplace().category = *published;
    REQUIRE(database->Write([&](store::Session& session) { return store::InsertTemplate(session, value); }));
    return value.id;
  }

  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<store::Database> database =
      std::move(*store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log));
};

}  // namespace

TEST_CASE("keys and templates whose category the policy has no more are found, over all pages") {
  CategoriesHouse house;
  house.AddKey("plain", "");
  house.AddKey("good", "receipt");
  house.AddKey("lost", "newsletter");
  const std::string oldest = house.AddTemplate("promo");
  for (int i = 0; i < 120; ++i) house.AddTemplate(i % 2 == 0 ? "" : "otp");
  house.AddTemplate("promo", "otp");  // the draft is not what is sent
  const std::string published = house.AddTemplate("otp", "promo");
  const auto lost = app::FindLostDefaults(*house.database, ratelimit::Policy::Default());
  REQUIRE(lost);
  REQUIRE(lost->size() == 3);
  CHECK(lost->at(0).owner == "key");
  CHECK(lost->at(0).category == "newsletter");
  CHECK(lost->at(1).owner == "template");
  CHECK(lost->at(1).id == published);
  CHECK(lost->at(1).category == "promo");
  CHECK(lost->at(2).id == oldest);
}
