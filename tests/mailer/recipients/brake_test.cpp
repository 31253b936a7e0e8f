#include "mailer/recipients/brake.h"

#include <vector>

#include "mailer/store/audit.h"
#include "mailer/store/blocks.h"
#include "ratelimit/identity.h"
#include "ratelimit/memory_limiter.h"
#include "tests/mailer/recipients/fixture.h"

using namespace sealpost;
using recipients::BrakeTime;
using recipients::tests::NowOf;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

struct BrakeFixture : recipients::tests::Fixture {
  // The brake token of a mail to Ann, or to somebody else.
  std::string Token(const model::Address& address = {"Ann", "example.org"},
                    const std::string& mailbox = "ann@example.org") {
    const std::string unsubscribe = AddMail("", address, mailbox);
    return tokens.ForUrl(base::TokenPurpose::kBrake, *tokens.OpenUrl(base::TokenPurpose::kUnsubscribe, unsubscribe));
  }
  bool Gets(ratelimit::Category category, ratelimit::Trust trust = ratelimit::Trust::kNone,
            const std::string& mailbox = "ann@example.org") {
    return limiter->Check({.id = "x", .recipients = {{.mailbox = mailbox}}, .category = category, .trust = trust})
        .admitted();
  }
  std::optional<base::Time> Stored() {
    std::optional<base::Time> until;
    recipients::tests::Good(database->Read([&](store::Session& session) -> base::Result<void> {
      if (const auto block = *store::FindBlock(session, "ann@example.org", clock.Now())) until = block->Ends();
      return {};
    }));
    return until;
  }
  // What the audit holds about Ann, the latest first.
  std::vector<store::AuditEntry> Audit() {
    std::vector<store::AuditEntry> entries;
    recipients::tests::Good(database->Read([&](store::Session& session) -> base::Result<void> {
      entries = *store::AuditOf(session, ratelimit::MailboxKey("secret", "ann@example.org"), 10'000);
      return {};
    }));
    return entries;
  }
  void BlockByHand(base::Time until) {
    recipients::tests::Good(blocks.Block("ann@example.org", until, "an API key", "by phone"));
  }

  std::unique_ptr<ratelimit::Limiter> limiter =
      ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), NowOf, static_cast<const base::Clock*>(&clock));
  recipients::Blocks blocks{{*database, *limiter, clock, "secret"}};
  recipients::Brake brake{{*database, blocks, tokens, clock}};
};

using ratelimit::Category;

}  // namespace

TEST_CASE("looking at the link of a brake shows whose it is and changes nothing") {
  BrakeFixture f;
  const std::string token = f.Token();
  for (int i = 0; i < 3; ++i) {
    const auto seen = f.brake.Look(token);
    REQUIRE(seen);
    CHECK(seen->masked_address == "A***@example.org");
    CHECK_FALSE(seen->blocked_until);
  }
  CHECK(f.Audit().empty());
  CHECK(f.Gets(Category::kOtp));
}

TEST_CASE("a brake holds for its time, in the store and in the limiter, and lets trusted mail and alerts through") {
  BrakeFixture f;
  const auto done = f.brake.Stop(f.Token(), BrakeTime::kDay);
  REQUIRE(done);
  CHECK(done->blocked_until == f.clock.Now() + hours(24));
  CHECK(f.Stored() == f.clock.Now() + hours(24));
  CHECK_FALSE(f.Gets(Category::kOtp));
  CHECK_FALSE(f.Gets(Category::kReceipt));
  CHECK(f.Gets(Category::kOtp, ratelimit::Trust::kFull));
  CHECK(f.Gets(Category::kSecurityAlert));
  CHECK(f.Gets(Category::kOtp, ratelimit::Trust::kNone, "bob@example.org"));
  f.clock.Advance(hours(24));
  CHECK(f.Gets(Category::kOtp));
  CHECK_FALSE(f.Stored());
}

TEST_CASE("the audit says that the recipient did it, by which mail, and names no address") {
  BrakeFixture f;
  REQUIRE(f.brake.Stop(f.Token(), BrakeTime::kMonth));
  const auto entries = f.Audit();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].actor == "recipient");
  CHECK(entries[0].action == "limits.block");
  CHECK(entries[0].reason.starts_with("by the link in delivery "));
  CHECK(entries[0].reason.find('@') == std::string::npos);
  CHECK(f.Stored() == f.clock.Now() + days(30));
}

TEST_CASE("pressing twice is pressing once") {
  BrakeFixture f;
  const std::string token = f.Token();
  const auto first = f.brake.Stop(token, BrakeTime::kDay);
  f.clock.Advance(minutes(9));
  const auto again = f.brake.Stop(token, BrakeTime::kDay);
  REQUIRE(again);
  CHECK(again->blocked_until == first->blocked_until);
  CHECK(f.Audit().size() == 1);
  f.clock.Advance(minutes(2));
  CHECK(f.brake.Stop(token, BrakeTime::kDay)->blocked_until == f.clock.Now() + hours(24));
  CHECK(f.Audit().size() == 2);
}

TEST_CASE("a brake never shortens a longer block") {
  BrakeFixture f;
  const std::string token = f.Token();
  REQUIRE(f.brake.Stop(token, BrakeTime::kMonth));
  CHECK(f.brake.Stop(token, BrakeTime::kDay)->blocked_until == f.clock.Now() + days(30));
  CHECK(f.Stored() == f.clock.Now() + days(30));
  f.clock.Advance(hours(25));
  CHECK_FALSE(f.Gets(Category::kOtp));
}

TEST_CASE("a brake is taken back by any brake link of the mailbox, and taking back twice is one") {
  BrakeFixture f;
  REQUIRE(f.brake.Stop(f.Token(), BrakeTime::kDay));
  const std::string other = f.Token({"A.n.n", "example.org"});
  for (int i = 0; i < 2; ++i) {
    const auto open = f.brake.Resume(other);
    REQUIRE(open);
    CHECK_FALSE(open->blocked_until);
  }
  CHECK(f.Gets(Category::kOtp));
  CHECK_FALSE(f.Stored());
  REQUIRE(f.Audit().size() == 2);
  CHECK(f.Audit()[0].action == "limits.unblock");
  CHECK(f.Audit()[0].actor == "recipient");
}

TEST_CASE("a longer block of an administrator is neither shortened nor taken back by a link") {
  BrakeFixture f;
  const std::string token = f.Token();
  const base::Time until = f.clock.Now() + days(90);
  f.BlockByHand(until);
  CHECK(f.brake.Stop(token, BrakeTime::kMonth)->blocked_until == until);
  CHECK(f.brake.Resume(token)->blocked_until == until);
  CHECK(f.Stored() == until);
  CHECK_FALSE(f.Gets(Category::kOtp));
  CHECK(f.brake.Look(token)->blocked_until == until);
}

TEST_CASE("a token that is not ours, or for something else, gives one and the same answer") {
  BrakeFixture f;
  const std::string unsubscribe = f.AddMail("");
  const std::string nowhere = f.tokens.ForUrl(base::TokenPurpose::kBrake, *base::ParseId(base::NewId(f.clock.Now())));
  for (const std::string& token : {unsubscribe, nowhere, std::string("x"), std::string()}) {
    for (const auto& answer : {f.brake.Look(token), f.brake.Stop(token, BrakeTime::kDay), f.brake.Resume(token)}) {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().kind == base::ErrorKind::kNotFound);
      CHECK(answer.error().message == "this link is not one of ours, or it is incomplete");
    }
  }
  CHECK(f.Gets(Category::kOtp));
}
