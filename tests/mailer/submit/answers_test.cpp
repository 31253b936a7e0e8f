#include "mailer/submit/answers.h"

#include <doctest/doctest.h>

#include <latch>
#include <thread>
#include <vector>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::Fixture;
using sealpost::submit::tests::Good;

namespace {

void Store(Fixture& fixture, const std::string& key, const std::string& fingerprint, const std::string& body) {
  const store::StoredAnswer answer{fingerprint, 200, body, fixture.clock.Now()};
  Good(fixture.database->Write([&](store::Session& session) { return store::InsertAnswer(session, key, answer); }));
}

}  // namespace

TEST_CASE("a key is held while its request runs and free afterwards") {
  Fixture fixture;
  {
    const auto begun = fixture.answers.Begin("k", "f");
    REQUIRE(begun);
    CHECK_FALSE(begun->replay);
    const auto again = fixture.answers.Begin("k", "f");
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == RefusalKind::kIdempotencyRunning);
    CHECK(fixture.answers.Begin("other", "f").has_value());
  }
  CHECK(fixture.answers.Begin("k", "f").has_value());
}

TEST_CASE("a claim that moves on is still one claim") {
  Fixture fixture;
  Answers::Claim kept;
  {
    auto begun = fixture.answers.Begin("k", "f");
    REQUIRE(begun);
    kept = std::move(begun->claim);
  }
  CHECK_FALSE(fixture.answers.Begin("k", "f"));
  kept = Answers::Claim();
  CHECK(fixture.answers.Begin("k", "f"));
}

TEST_CASE("a repeat gets the first answer, and another payload a conflict that frees the key") {
  Fixture fixture;
  Store(fixture, "k", "f", "first");
  CHECK(fixture.answers.Begin("k", "f")->replay->body == "first");
  for (int i = 0; i < 2; ++i) {
    const auto other = fixture.answers.Begin("k", "g");
    REQUIRE_FALSE(other);
    CHECK(other.error().kind == RefusalKind::kIdempotencyReused);
  }
}

TEST_CASE("an answer is kept for a day") {
  Fixture fixture;
  Store(fixture, "k", "f", "first");
  fixture.clock.Advance(store::kAnswerLifetime);
  CHECK(fixture.answers.Begin("k", "f")->replay);
  fixture.clock.Advance(base::Millis(1));
  CHECK_FALSE(fixture.answers.Begin("k", "f")->replay);
  CHECK(fixture.answers.Begin("k", "other").has_value());
}

TEST_CASE("sweeping forgets what has run out and keeps the rest") {
  Fixture fixture;
  Store(fixture, "old", "f", "old");
  fixture.clock.Advance(store::kAnswerLifetime);
  Store(fixture, "new", "f", "new");
  fixture.clock.Advance(base::Millis(1));
  fixture.answers.Sweep();
  Good(fixture.database->Write([](store::Session&) { return base::Result<void>(); }));  // behind the sweep
  const auto find = [&](const char* key) {
    return Good(fixture.Read(
                    [&](store::Session& session) { return store::FindAnswer(session, key, base::FromMillis(0)); }))
        .has_value();
  };
  CHECK_FALSE(find("old"));
  CHECK(find("new"));
}

TEST_CASE("of many requests with one key at once, one runs") {
  Fixture fixture;
  constexpr int kThreads = 8;
  std::atomic<int> running = 0, refused = 0;
  std::latch tried(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const auto begun = fixture.answers.Begin("k", "f");
        ++(begun ? running : refused);
        tried.arrive_and_wait();  // nobody lets go before all have asked
      });
    }
  }
  CHECK(running == 1);
  CHECK(refused == kThreads - 1);
}
