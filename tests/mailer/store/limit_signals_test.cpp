#include "mailer/store/limit_signals.h"

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;
using sealpost::store::tests::IdOf;

namespace {

struct Signals : store::tests::StoreFixture {
  void Add(int number, const std::string& kind, const std::string& subject) {
    const LimitSignal signal{IdOf(number), At(number), kind, subject};
    REQUIRE(Write([&](Session& session) { return InsertLimitSignal(session, signal); }));
  }
  // The times of what is found, such as "3 1 ".
  std::string Find(const LimitSignalFilter& filter, std::size_t limit = 100) {
    const auto found = Read([&](Session& session) { return FindLimitSignals(session, filter, limit); });
    REQUIRE(found);
    std::string times;
    for (const LimitSignal& signal : *found) times += std::to_string(base::ToMillis(signal.at)) + " ";
    return times;
  }
};

}  // namespace

TEST_CASE("signals are found the latest first, by kind, by subject and page by page") {
  Signals store;
  store.Add(1, "recipient.under_attack", "a");
  store.Add(2, "source.surge", "s");
  store.Add(3, "recipient.under_attack", "b");
  store.Add(4, "recipient.recovered", "a");
  CHECK(store.Find({}) == "4 3 2 1 ");
  CHECK(store.Find({.kind = "recipient.under_attack"}) == "3 1 ");
  CHECK(store.Find({.subject = "a"}) == "4 1 ");
  CHECK(store.Find({.kind = "recipient.recovered", .subject = "a"}) == "4 ");
  CHECK(store.Find({.subject = "nobody"}).empty());
  CHECK(store.Find({}, 2) == "4 3 ");
  CHECK(store.Find({.before = IdOf(3)}, 2) == "2 1 ");
  CHECK(store.Find({.subject = "a", .before = IdOf(4)}) == "1 ");
  const auto all = store.Read([](Session& session) { return FindLimitSignals(session, {}, 1); });
  REQUIRE(all);
  CHECK(all->at(0).id == IdOf(4));
  CHECK(all->at(0).kind == "recipient.recovered");
  CHECK(all->at(0).subject == "a");
}

TEST_CASE("what is old goes, and of the rest the oldest where there are too many") {
  Signals store;
  for (int i = 1; i <= 9; ++i) store.Add(i, "key.surge", "k");
  const auto sweep = [&](std::int64_t since, std::size_t most) {
    REQUIRE(store.Write([=](Session& session) { return SweepLimitSignals(session, At(since), most); }));
  };
  sweep(3, 100);
  CHECK(store.Find({}) == "9 8 7 6 5 4 3 ");
  sweep(0, 7);
  CHECK(store.Find({}) == "9 8 7 6 5 4 3 ");
  sweep(0, 2);
  CHECK(store.Find({}) == "9 8 ");
}
