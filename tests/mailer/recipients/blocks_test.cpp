#include "mailer/recipients/blocks.h"

#include <future>
#include <thread>
#include <vector>

#include "mailer/store/audit.h"
#include "ratelimit/identity.h"
#include "ratelimit/memory_limiter.h"
#include "tests/mailer/recipients/fixture.h"
#include "tests/ratelimit/interrupted_limiter.h"

using namespace sealpost;
using recipients::tests::Good;
using recipients::tests::NowOf;
using std::chrono::days;

namespace {

const std::string kAnn = "ann@example.org";

struct BlocksFixture : recipients::tests::Fixture {
  base::Time In(std::chrono::minutes time) { return clock.Now() + time; }
  // Until when the limiter refuses.
  std::optional<base::Time> Told() {
    const std::int64_t until = memory->Explain({.mailbox = kAnn}).blocked_until;
    return until == 0 ? std::nullopt : std::optional(base::FromMillis(until));
  }
  // What the audit holds about Ann, the latest first.
  std::vector<store::AuditEntry> Audit() {
    std::vector<store::AuditEntry> entries;
    Good(database->Read([&](store::Session& session) -> base::Result<void> {
      entries = *store::AuditOf(session, ratelimit::MailboxKey("secret", kAnn), 10'000);
      return {};
    }));
    return entries;
  }
  // Store and limiter say the same.
  std::optional<base::Time> Stands() {
    const auto stored = Good(blocks.Find(kAnn));
    CHECK(stored == Told());
    return stored;
  }
  void Block(base::Time until) { Good(blocks.Block(kAnn, until, "key", "by phone")); }
  void Stop(base::Time until) { Good(blocks.Stop(kAnn, until, "a link")); }

  std::unique_ptr<ratelimit::Limiter> memory =
      ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), NowOf, static_cast<const base::Clock*>(&clock));
  tests::InterruptedLimiter limiter{*memory};
  recipients::Blocks blocks{{*database, limiter, clock, "secret"}};
};

}  // namespace

TEST_CASE("what could not be taken back in Redis is not called open, and a second time takes it back") {
  BlocksFixture f;
  f.Stop(f.In(days(30)));
  f.limiter.redis = false;
  const auto failed = f.blocks.Resume(kAnn, "a link");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == base::ErrorKind::kUnavailable);
  CHECK(f.Told() == f.In(days(30)));
  f.limiter.redis = true;
  CHECK_FALSE(Good(f.blocks.Resume(kAnn, "a link")));
  CHECK_FALSE(f.Stands());
  CHECK(f.Audit().size() == 2);
}

TEST_CASE("an administrator's unblock that did not reach Redis is no success either") {
  BlocksFixture f;
  f.Block(f.In(days(7)));
  f.limiter.redis = false;
  CHECK(f.blocks.Unblock(kAnn, "key", "a slip").error().kind == base::ErrorKind::kUnavailable);
  f.limiter.redis = true;
  CHECK_FALSE(Good(f.blocks.Unblock(kAnn, "key", "a slip")));
  CHECK_FALSE(f.Stands());
}

TEST_CASE("a recipient who stops mail for longer than an administrator takes back the own part alone") {
  BlocksFixture f;
  const base::Time by_hand = f.In(days(7));
  f.Block(by_hand);
  CHECK(Good(f.blocks.Stop(kAnn, f.In(days(30)), "a link")) == f.In(days(30)));
  CHECK(f.Stands() == f.In(days(30)));
  for (int i = 0; i < 2; ++i) {
    CHECK(Good(f.blocks.Resume(kAnn, "a link")) == by_hand);
    CHECK(f.Stands() == by_hand);
  }
  REQUIRE(f.Audit().size() == 3);
  CHECK(f.Audit()[0].action == "limits.unblock");
  CHECK(f.Audit()[0].actor == "recipient");
}

TEST_CASE("an administrator decides over both parts") {
  BlocksFixture f;
  f.Stop(f.In(days(30)));
  f.Block(f.In(days(1)));
  CHECK(f.Stands() == f.In(days(1)));
  CHECK(Good(f.blocks.Resume(kAnn, "a link")) == f.In(days(1)));
  f.Stop(f.In(days(30)));
  CHECK_FALSE(Good(f.blocks.Unblock(kAnn, "key", "changed her mind")));
  CHECK_FALSE(f.Stands());
}

TEST_CASE("a part that is over is nothing to take back, and leaves the other as it is") {
  BlocksFixture f;
  f.Block(f.In(days(3)));
  f.clock.Advance(days(2));
  f.Stop(f.In(days(2)));
  f.clock.Advance(days(1));  // the administrator's ends
  CHECK(f.Stands() == f.In(days(1)));
  CHECK_FALSE(Good(f.blocks.Resume(kAnn, "a link")));
  CHECK_FALSE(f.Stands());
}

TEST_CASE("who comes second waits until store and limiter agree about the first") {
  BlocksFixture f;
  std::future<void> second;
  SUBCASE("an administrator unblocks while a recipient stops") {
    f.limiter.before_block = [&] {
      f.limiter.before_block = nullptr;
      std::promise<void> begun;
      second = std::async(std::launch::async, [&] {
        begun.set_value();
        Good(f.blocks.Unblock(kAnn, "key", "why"));
      });
      begun.get_future().wait();
      // Time enough for one that waits for nobody.
      CHECK(second.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
    };
    f.Stop(f.In(days(30)));
  }
  SUBCASE("a recipient resumes while a limiter that lost its blocks is told of them") {
    f.Stop(f.In(days(30)));
    f.limiter.before_block = [&] {
      f.limiter.before_block = nullptr;
      std::promise<void> begun;
      second = std::async(std::launch::async, [&] {
        begun.set_value();
        Good(f.blocks.Resume(kAnn, "a link"));
      });
      begun.get_future().wait();
      CHECK(second.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
    };
    Good(f.blocks.Restore());
  }
  REQUIRE(second.valid());
  second.get();
  CHECK_FALSE(f.Stands());
}

TEST_CASE("when many press at once, store and limiter agree on what stands, and the audit has every change") {
  BlocksFixture f;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&f, i] {
        for (int round = 0; round < 10; ++round) {
          if (i % 2 == 0) {
            (void)f.blocks.Stop(kAnn, f.In(days(1)), "a link");
          } else {
            (void)f.blocks.Resume(kAnn, "a link");
          }
        }
      });
    }
  }
  f.Stands();
  const auto entries = f.Audit();
  REQUIRE_FALSE(entries.empty());
  for (std::size_t i = 1; i < entries.size(); ++i) CHECK(entries[i].action != entries[i - 1].action);
}

TEST_CASE("a limiter that forgot is told until when each mailbox is blocked, by whomever") {
  BlocksFixture f;
  f.Block(f.In(days(7)));
  f.Stop(f.In(days(30)));
  f.memory->Unblock(kAnn);
  Good(f.blocks.Restore());
  CHECK(f.Stands() == f.In(days(30)));
}
