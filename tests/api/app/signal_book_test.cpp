#include "api/app/signal_book.h"

#include <doctest/doctest.h>

#include "ratelimit/identity.h"
#include "tests/api/app/signals_fixture.h"

using namespace sealpost;
using app::tests::SignalsFixture;
using ratelimit::Signal;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("what is told is kept with its time, and names only an API key in clear") {
  SignalsFixture house;
  house.book->Tell({Signal::Kind::kUnderAttack, "ann@example.org"});
  house.clock.Advance(seconds(1));
  house.book->Tell({Signal::Kind::kSourceSurge, "192.0.2.1"});
  house.clock.Advance(seconds(1));
  house.book->Tell({Signal::Kind::kKeySurge, "key id"});
  const auto signals = house.Signals();
  REQUIRE(signals.size() == 3);
  CHECK(signals[0].kind == "key.surge");
  CHECK(signals[0].subject == "key id");
  CHECK(signals[0].at == house.clock.Now());
  CHECK(signals[1].kind == "source.surge");
  CHECK(signals[1].subject == ratelimit::MailboxKey("a secret", "192.0.2.1"));
  CHECK(signals[2].subject == ratelimit::MailboxKey("a secret", "ann@example.org"));
  CHECK(signals[2].at == house.clock.Now() - seconds(2));
}

TEST_CASE("the end of an attack is told within a minute of it, once, and without a request") {
  SignalsFixture house;
  house.Flood("ann@example.org");
  for (int i = 0; i < 59; ++i) {
    house.clock.Advance(minutes(1));
    house.book->LookAfter(*house.limiter);
  }
  CHECK(house.Kept() == "recipient.under_attack ");
  house.clock.Advance(minutes(1));
  house.book->LookAfter(*house.limiter);
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered ");
  house.clock.Advance(minutes(5));
  house.book->LookAfter(*house.limiter);
  house.Ask("ann@example.org");
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered ");
}

TEST_CASE("an end that a request has told is not told again") {
  SignalsFixture house;
  house.Flood("ann@example.org");
  house.clock.Advance(minutes(61));
  house.Ask("ann@example.org");
  house.book->LookAfter(*house.limiter);
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered ");
}

TEST_CASE("an attack that is lost with the counters has ended") {
  SignalsFixture house;
  house.Flood("ann@example.org");
  const auto empty = ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), app::tests::NowOf, &house.clock);
  house.clock.Advance(minutes(1));
  for (int i = 0; i < 2; ++i) house.book->LookAfter(*empty);
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered ");
}

TEST_CASE("the next attack on the same mailbox is another one") {
  SignalsFixture house;
  for (int i = 0; i < 2; ++i) {
    house.Flood("ann@example.org");
    house.clock.Advance(minutes(61));
    house.book->LookAfter(*house.limiter);
    house.clock.Advance(minutes(61));
  }
  CHECK(house.Kept() == "recipient.under_attack recipient.recovered recipient.under_attack recipient.recovered ");
}

TEST_CASE("many attacks are looked after in turns, and none is forgotten") {
  SignalsFixture house;
  for (int i = 0; i < 500; ++i) house.Flood("m" + std::to_string(i) + "@example.org");
  house.clock.Advance(minutes(61));
  for (int i = 0; i < 3; ++i) house.book->LookAfter(*house.limiter);
  std::size_t ended = 0;
  for (const auto& signal : house.Signals()) ended += signal.kind == "recipient.recovered" ? 1 : 0;
  CHECK(ended == 500);
}

TEST_CASE("whoever listens hears every signal in clear") {
  SignalsFixture house;
  std::string heard;
  house.book->HeardBy([&](const Signal& signal) { heard += signal.subject + " "; });
  house.book->Tell({Signal::Kind::kUnderAttack, "ann@example.org"});
  house.book->Tell({Signal::Kind::kRecovered, "ann@example.org"});
  CHECK(heard == "ann@example.org ann@example.org ");
}

TEST_CASE("what is older than ninety days is swept away") {
  SignalsFixture house;
  house.book->Tell({Signal::Kind::kKeySurge, "old"});
  house.clock.Advance(std::chrono::days(50));
  house.book->Tell({Signal::Kind::kKeySurge, "young"});
  house.clock.Advance(std::chrono::days(41));
  house.book->Sweep();
  const auto signals = house.Signals();
  REQUIRE(signals.size() == 1);
  CHECK(signals[0].subject == "young");
}
