#include "api/app/hydrate.h"

#include <doctest/doctest.h>

#include <future>

#include "mailer/base/id.h"
#include "mailer/store/audit.h"
#include "mailer/store/blocks.h"
#include "mailer/store/emails.h"
#include "ratelimit/identity.h"
#include "ratelimit/memory_limiter.h"
#include "tests/api/app/signals_fixture.h"
#include "tests/ratelimit/interrupted_limiter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using app::tests::NowOf;

namespace {

struct HydrateHouse {
  HydrateHouse() {
    auto opened = store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log);
    REQUIRE(opened);
    database = std::move(*opened);
  }

  void Accept(const std::string& mailbox, const std::string& category, std::chrono::seconds ago) {
    Store(mailbox, category, ago, std::nullopt, model::DeliveryState::kQueued);
  }
  // Accepted so long ago, for so long after that; when it is not scheduled any more it went at that time.
  void Schedule(const std::string& mailbox, std::chrono::seconds ago, std::chrono::seconds later,
                model::DeliveryState state) {
    Store(mailbox, "password_reset", ago, clock.Now() - ago + later, state);
  }
  void Store(const std::string& mailbox, const std::string& category, std::chrono::seconds ago,
             std::optional<base::Time> scheduled_at, model::DeliveryState state) {
    model::Email email;
    email.created_at = clock.Now() - ago;
    email.scheduled_at = scheduled_at;
    email.id = base::NewId(email.created_at);
    email.from = {"", {"shop", "example.com"}};
    email.extras.category = category;
    email.extras.trust = trust;
    model::Delivery delivery;
    delivery.id = base::NewId(email.created_at);
    delivery.email_id = email.id;
    delivery.recipient = {"ann", "example.org"};
    delivery.mailbox = mailbox;
    delivery.state = state;
    delivery.next_attempt_at = scheduled_at.value_or(email.created_at);
    if (scheduled_at && state == model::DeliveryState::kDelivered) delivery.let_out_at = scheduled_at;
    REQUIRE(database->Write([&](store::Session& session) { return store::InsertEmail(session, email, {delivery}); }));
  }
  // What an administrator does before the counters are told.
  void Audit(const std::string& mailbox, std::chrono::minutes ago = {}) {
    const store::AuditEntry reset{clock.Now() - ago, "key", "limits.reset", ratelimit::MailboxKey("secret", mailbox),
                                  "why"};
    REQUIRE(database->Write([&](store::Session& session) { return store::InsertAudit(session, reset); }));
  }
  // As after a restart: counters that know nothing, and what the store brings back to them.
  void Restart();
  bool Admits(const std::string& mailbox, ratelimit::Category category,
              ratelimit::Trust of_request = ratelimit::Trust::kNone) {
    return limiter->Check({.id = "x", .recipients = {{.mailbox = mailbox}}, .category = category, .trust = of_request})
        .admitted();
  }

  std::string trust = {};  // of what is accepted from now on
  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  ratelimit::Policy policy = ratelimit::Policy::Default();
  std::unique_ptr<store::Database> database;
  std::unique_ptr<ratelimit::Limiter> limiter;
};

struct Hydrating {
  explicit Hydrating(HydrateHouse& house, ratelimit::Limiter& limiter)
      : blocks({*house.database, limiter, house.clock, "secret"}),
        hydrator({*house.database, limiter, blocks, house.policy, house.clock, house.log, "secret"}) {}
  void Finish() {
    while (hydrator.Step()) {
    }
  }

  recipients::Blocks blocks;
  app::Hydrator hydrator;
};

void HydrateHouse::Restart() {
  limiter = ratelimit::MakeMemoryLimiter(policy, NowOf, &clock);
  Hydrating(*this, *limiter).Finish();
}

using ratelimit::Category;

}  // namespace

TEST_CASE("what was accepted in the last day counts again after a restart") {
  HydrateHouse house;
  for (int i = 0; i < 3; ++i) house.Accept("ann@example.org", "password_reset", std::chrono::minutes(10 + i));
  house.Accept("bob@example.org", "password_reset", std::chrono::hours(25));
  house.Restart();
  CHECK_FALSE(house.Admits("ann@example.org", Category::kPasswordReset));
  CHECK(house.Admits("ann@example.org", Category::kReceipt));
  CHECK(house.Admits("bob@example.org", Category::kPasswordReset));
  const auto sent = house.limiter->Explain({.mailbox = "ann@example.org"}).sent;
  REQUIRE(sent.size() == 3);
  CHECK(sent.front().at == base::ToMillis(house.clock.Now() - std::chrono::minutes(12)));
}

TEST_CASE("what a captcha brought counts again as a captcha's, and what a session brought as the user's") {
  using enum ratelimit::Trust;
  HydrateHouse house;
  house.trust = "captcha";
  for (int i = 0; i < 3; ++i) house.Accept("ann@example.org", "otp", std::chrono::minutes(10 + i));
  house.Schedule("ann@example.org", std::chrono::minutes(40), std::chrono::minutes(20),
                 model::DeliveryState::kDelivered);
  house.trust = "session";
  for (int i = 0; i < 6; ++i) house.Accept("bob@example.org", "otp", std::chrono::minutes(10 + i));
  house.Restart();
  CHECK_FALSE(house.Admits("ann@example.org", Category::kOtp, kCaptcha));
  CHECK(house.Admits("ann@example.org", Category::kOtp, kFull));
  CHECK(house.Admits("bob@example.org", Category::kOtp, kCaptcha));
  CHECK_FALSE(house.Admits("bob@example.org", Category::kOtp, kFull));
  CHECK(house.Admits("bob@example.org", Category::kOtp, kNone));
}

TEST_CASE("more than a batch comes back whole, and nothing twice") {
  HydrateHouse house;
  for (int i = 0; i < 520; ++i)
    house.Accept("m" + std::to_string(i % 260) + "@example.org", "otp", std::chrono::seconds(60 + i));
  house.Restart();
  Hydrating(house, *house.limiter).Finish();
  for (const char* mailbox : {"m0@example.org", "m259@example.org"})
    CHECK(house.limiter->Explain({.mailbox = mailbox}).sent.size() == 2);
}

TEST_CASE("what an administrator made a mailbox forget stays forgotten") {
  HydrateHouse house;
  for (int i = 0; i < 3; ++i) house.Accept("ann@example.org", "password_reset", std::chrono::minutes(10 + i));
  house.Audit("ann@example.org", std::chrono::minutes(5));
  house.Accept("ann@example.org", "otp", std::chrono::seconds(2));
  house.Restart();
  CHECK(house.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 1);
  CHECK(house.Admits("ann@example.org", Category::kPasswordReset));
}

TEST_CASE("what is reset while counters are still coming back stays reset") {
  HydrateHouse house;
  for (int i = 0; i < 3; ++i) house.Accept("ann@example.org", "password_reset", std::chrono::hours(2 + i));
  for (int i = 0; i < 600; ++i) house.Accept("m@example.org", "otp", std::chrono::seconds(60 + i));
  house.limiter = ratelimit::MakeMemoryLimiter(house.policy, NowOf, &house.clock);
  Hydrating hydrating(house, *house.limiter);
  REQUIRE(hydrating.hydrator.Step());  // the newest batch; hers is behind it
  house.Audit("ann@example.org");
  hydrating.hydrator.Reset("ann@example.org");
  hydrating.Finish();
  CHECK(house.limiter->Explain({.mailbox = "ann@example.org"}).sent.empty());
  CHECK_FALSE(house.limiter->Explain({.mailbox = "m@example.org"}).sent.empty());
}

TEST_CASE("what is reset in the middle of a batch stays reset") {
  HydrateHouse house;
  house.Accept("ann@example.org", "password_reset", std::chrono::hours(2));
  auto memory = ratelimit::MakeMemoryLimiter(house.policy, NowOf, &house.clock);
  tests::InterruptedLimiter limiter(*memory);
  Hydrating hydrating(house, limiter);
  std::future<void> administrator;
  limiter.before_seed = [&] {
    house.Audit("ann@example.org");
    std::promise<void> begun;
    administrator = std::async(std::launch::async, [&] {
      begun.set_value();
      hydrating.hydrator.Reset("ann@example.org");
    });
    begun.get_future().wait();
    // Time enough for a reset that waits for nobody.
    CHECK(administrator.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
  };
  hydrating.Finish();
  REQUIRE(administrator.valid());
  administrator.get();
  CHECK(limiter.Explain({.mailbox = "ann@example.org"}).sent.empty());
}

TEST_CASE("a block outlives the counters it stood beside") {
  HydrateHouse house;
  const base::Time now = house.clock.Now();
  REQUIRE(house.database->Write([&](store::Session& session) {
    return store::PutBlock(session, {"ann@example.org", now + std::chrono::hours(1)}, now);
  }));
  house.Restart();
  CHECK_FALSE(house.Admits("ann@example.org", Category::kReceipt));
  CHECK(house.Admits("ann@example.org", Category::kSecurityAlert));
}

TEST_CASE("what was sent for later counts when it went, and what still waits when it was accepted") {
  using std::chrono::hours, std::chrono::minutes;
  HydrateHouse house;
  house.Schedule("ann@example.org", hours(240), hours(240) - minutes(5), model::DeliveryState::kDelivered);
  house.Schedule("ann@example.org", minutes(50), hours(72), model::DeliveryState::kScheduled);
  house.Schedule("bob@example.org", hours(240), hours(200), model::DeliveryState::kDelivered);
  house.Schedule("bob@example.org", minutes(10), hours(1), model::DeliveryState::kCanceled);
  house.Restart();
  const auto sent = house.limiter->Explain({.mailbox = "ann@example.org"}).sent;
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].at == base::ToMillis(house.clock.Now() - minutes(50)));
  CHECK(sent[1].at == base::ToMillis(house.clock.Now() - minutes(5)));
  CHECK(house.limiter->Explain({.mailbox = "bob@example.org"}).sent.empty());
}

TEST_CASE("more of what was sent for later than a batch comes back whole, and what was sent at once after it") {
  HydrateHouse house;
  for (int i = 0; i < 1010; ++i) {
    house.Schedule("m" + std::to_string(i % 505) + "@example.org", std::chrono::hours(48),
                   std::chrono::hours(47) + std::chrono::seconds(i), model::DeliveryState::kDelivered);
  }
  house.Accept("ann@example.org", "otp", std::chrono::seconds(60));
  house.Restart();
  for (const char* mailbox : {"m0@example.org", "m504@example.org"})
    CHECK(house.limiter->Explain({.mailbox = mailbox}).sent.size() == 2);
  CHECK(house.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 1);
}
