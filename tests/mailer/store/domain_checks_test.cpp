#include "mailer/store/domain_checks.h"

#include <doctest/doctest.h>

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;

namespace {

DomainCheck CheckOf(const std::string& domain) {
  return {domain, At(20), At(10), "no", At(5), At(4), R"({"s1":"x"})", R"({"schema":1})", R"({"schema":2})"};
}

void Put(StoreFixture& store, const DomainCheck& check) {
  REQUIRE(store.Write([&](Session& s) { return PutDomainCheck(s, check); }));
}

std::vector<DomainCheck> All(StoreFixture& store) {
  return store.Read([](Session& s) { return AllDomainChecks(s); }).value();
}

std::vector<DomainChange> Changes(StoreFixture& store, const std::string& domain, std::size_t limit = 1000) {
  return store.Read([&](Session& s) { return DomainChanges(s, domain, limit); }).value();
}

}  // namespace

TEST_CASE("what is known about a domain comes back, also after the store was closed") {
  StoreFixture store;
  Put(store, CheckOf("a.example"));
  store.Reopen();
  const auto all = All(store);
  REQUIRE(all.size() == 1);
  CHECK(all[0].domain == "a.example");
  CHECK(all[0].checked_at == At(20));
  CHECK(all[0].known_at == At(10));
  CHECK(all[0].verdict == "no");
  CHECK(all[0].since == At(5));
  CHECK(all[0].failing_since == At(4));
  CHECK(all[0].seen_keys == R"({"s1":"x"})");
  CHECK(all[0].report == R"({"schema":1})");
  CHECK(all[0].known_report == R"({"schema":2})");
}

TEST_CASE("a later look replaces the earlier one, and times may be absent") {
  StoreFixture store;
  Put(store, CheckOf("a.example"));
  Put(store, CheckOf("b.example"));
  DomainCheck later = CheckOf("a.example");
  later.known_at.reset();
  later.failing_since.reset();
  later.verdict = "yes";
  Put(store, later);
  const auto all = All(store);
  REQUIRE(all.size() == 2);
  CHECK(all[0].verdict == "yes");
  CHECK_FALSE(all[0].known_at);
  CHECK_FALSE(all[0].failing_since);
  CHECK(all[1].failing_since == At(4));
}

TEST_CASE("a domain that is deleted keeps its history") {
  StoreFixture store;
  Put(store, CheckOf("a.example"));
  REQUIRE(store.Write([](Session& s) { return InsertDomainChange(s, {"a.example", At(1), "", "no", "[]"}); }));
  REQUIRE(store.Write([](Session& s) { return DeleteDomainCheck(s, "a.example"); }));
  CHECK(All(store).empty());
  REQUIRE(Changes(store, "a.example").size() == 1);
  CHECK(Changes(store, "a.example")[0].verdict == "no");
  CHECK(Changes(store, "a.example")[0].was.empty());
}

TEST_CASE("the history of a domain is bounded, the latest first, and none of another's") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertDomainChange(s, {"b.example", At(1), "no", "yes", "[]"}); }));
  const auto count = static_cast<std::int64_t>(kDomainChangesKept) + 3;
  REQUIRE(store.Write([&](Session& s) -> base::Result<void> {
    for (std::int64_t i = 1; i <= count; ++i) {
      if (auto done = InsertDomainChange(s, {"a.example", At(i), "yes", "no", "[1]"}); !done) return done;
    }
    return {};
  }));
  const auto all = Changes(store, "a.example");
  REQUIRE(all.size() == kDomainChangesKept);
  CHECK(all.front().at == At(count));
  CHECK(all.back().at == At(4));
  CHECK(all.front().findings == "[1]");
  CHECK(Changes(store, "a.example", 2).size() == 2);
  CHECK(Changes(store, "b.example").size() == 1);
}
