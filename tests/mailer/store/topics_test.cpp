#include "mailer/store/topics.h"

#include <doctest/doctest.h>

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;

namespace {

model::Topic TopicOf(int number) {
  return {IdOf(number), "News", "What is new", "opt_in", "private", At(number)};
}

std::optional<Choice> Find(StoreFixture& store, std::string_view topic, std::string_view mailbox) {
  return store.Read([&](Session& s) { return FindChoice(s, topic, mailbox); }).value();
}

void Set(StoreFixture& store, std::string_view topic, std::string_view mailbox, Choice choice, std::int64_t at) {
  REQUIRE(store.Write([&](Session& s) { return SetChoice(s, topic, mailbox, choice, "one_click", At(at)); }));
}

}  // namespace

TEST_CASE("a topic comes back as it was made; an id is used once") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertTopic(s, TopicOf(1)); }));
  const auto found = store.Read([](Session& s) { return FindTopic(s, IdOf(1)); });
  CHECK(found->name == "News");
  CHECK(found->description == "What is new");
  CHECK(found->default_subscription == "opt_in");
  CHECK(found->visibility == "private");
  CHECK(found->created_at == At(1));
  CHECK(store.Write([](Session& s) { return InsertTopic(s, TopicOf(1)); }).error().kind == ErrorKind::kConflict);
  CHECK(store.Read([](Session& s) { return FindTopic(s, IdOf(2)); }).error().kind == ErrorKind::kNotFound);
}

TEST_CASE("topics are listed newest first, page by page") {
  StoreFixture store;
  for (int i = 1; i <= 3; ++i) REQUIRE(store.Write([i](Session& s) { return InsertTopic(s, TopicOf(i)); }));
  const auto first = store.Read([](Session& s) { return ListTopics(s, "", 2); });
  REQUIRE(first->size() == 2);
  CHECK(first->at(0).id == IdOf(3));
  const auto rest = store.Read([](Session& s) { return ListTopics(s, IdOf(2), 2); });
  REQUIRE(rest->size() == 1);
  CHECK(rest->at(0).id == IdOf(1));
}

TEST_CASE("the latest choice counts, whatever the order of arrival, and for its topic and mailbox only") {
  StoreFixture store;
  CHECK(!Find(store, "news", "ann@example.org"));
  Set(store, "news", "ann@example.org", Choice::kOptOut, 100);
  Set(store, "news", "ann@example.org", Choice::kOptOut, 100);
  CHECK(Find(store, "news", "ann@example.org") == Choice::kOptOut);
  Set(store, "news", "ann@example.org", Choice::kOptIn, 200);
  CHECK(Find(store, "news", "ann@example.org") == Choice::kOptIn);
  Set(store, "news", "ann@example.org", Choice::kOptOut, 150);
  CHECK(Find(store, "news", "ann@example.org") == Choice::kOptIn);
  CHECK(!Find(store, "news", "bob@example.org"));
  CHECK(!Find(store, "offers", "ann@example.org"));
}

TEST_CASE("an opt-out is taken even for a topic that is gone") {
  StoreFixture store;
  Set(store, "gone", "ann@example.org", Choice::kOptOut, 1);
  CHECK(Find(store, "gone", "ann@example.org") == Choice::kOptOut);
}

TEST_CASE("all choices can be read at once") {
  StoreFixture store;
  Set(store, "b", "ann@example.org", Choice::kOptIn, 1);
  Set(store, "a", "ann@example.org", Choice::kOptOut, 1);
  const auto all = store.Read([](Session& s) { return AllChoices(s); });
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).topic_id == "a");
  CHECK(all->at(0).mailbox == "ann@example.org");
  CHECK(all->at(0).choice == Choice::kOptOut);
  CHECK(all->at(1).choice == Choice::kOptIn);
}
