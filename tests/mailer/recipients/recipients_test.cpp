#include "mailer/recipients/recipients.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "mailer/store/confirmed.h"
#include "tests/mailer/recipients/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::recipients;
using sealpost::recipients::tests::Fixture;
using store::Choice;

TEST_CASE("looking at a link shows what it stands for and changes nothing") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string token = fixture.AddMail(topic.id);
  for (int i = 0; i < 3; ++i) {
    const auto seen = fixture.recipients->Look(token);
    REQUIRE(seen);
    CHECK(seen->topic_id == topic.id);
    CHECK(seen->topic_name == "News");
    CHECK(seen->mailbox == "ann@example.org");
    CHECK_FALSE(seen->opted_out);
  }
  CHECK_FALSE(fixture.recipients->ChoiceOf(topic.id, "ann@example.org"));
}

TEST_CASE("an opt-out counts from memory at once and is on disk for the next start") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string token = fixture.AddMail(topic.id);
  const auto done = fixture.recipients->Unsubscribe(token, "one_click");
  REQUIRE(done);
  CHECK(done->opted_out);
  CHECK(fixture.recipients->ChoiceOf(topic.id, "ann@example.org") == Choice::kOptOut);
  fixture.Reload();
  CHECK(fixture.recipients->ChoiceOf(topic.id, "ann@example.org") == Choice::kOptOut);
  CHECK(fixture.recipients->Look(token)->opted_out);
}

TEST_CASE("opting out twice is opting out, and it can be taken back") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string token = fixture.AddMail(topic.id);
  REQUIRE(fixture.recipients->Unsubscribe(token, "one_click"));
  REQUIRE(fixture.recipients->Unsubscribe(token, "page"));
  const auto back = fixture.recipients->Resubscribe(token);
  REQUIRE(back);
  CHECK_FALSE(back->opted_out);
  CHECK(fixture.recipients->ChoiceOf(topic.id, "ann@example.org") == Choice::kOptIn);
  fixture.Reload();
  CHECK(fixture.recipients->ChoiceOf(topic.id, "ann@example.org") == Choice::kOptIn);
}

TEST_CASE("a choice is one topic's and one mailbox's") {
  Fixture fixture;
  const model::Topic news = fixture.AddTopic();
  const model::Topic offers = fixture.AddTopic();
  REQUIRE(fixture.recipients->Unsubscribe(fixture.AddMail(news.id), "page"));
  CHECK_FALSE(fixture.recipients->ChoiceOf(offers.id, "ann@example.org"));
  CHECK_FALSE(fixture.recipients->ChoiceOf(news.id, "bob@example.org"));
  CHECK_FALSE(fixture.recipients->ChoiceOf("", "ann@example.org"));
}

TEST_CASE("every spelling of a mailbox shares its choice") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string dotted = fixture.AddMail(topic.id, {"a.nn+x", "gmail.com"}, "ann@gmail.com");
  const std::string plain = fixture.AddMail(topic.id, {"ann", "gmail.com"}, "ann@gmail.com");
  REQUIRE(fixture.recipients->Unsubscribe(dotted, "page"));
  CHECK(fixture.recipients->Look(plain)->opted_out);
}

TEST_CASE("a topic that people join only by choice counts as left until they join") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic("opt_out");
  const std::string token = fixture.AddMail(topic.id);
  CHECK(fixture.recipients->Look(token)->opted_out);
  REQUIRE(fixture.recipients->Resubscribe(token));
  CHECK_FALSE(fixture.recipients->Look(token)->opted_out);
}

TEST_CASE("whatever is wrong with a link, the answer is the same") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string good = fixture.AddMail(topic.id);
  std::string forged = good;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  const base::TokenSigner other(base::Secret("another secret of some length....."));
  const std::string unknown =
      fixture.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(base::NewId(fixture.clock.Now())));
  const std::string purpose =
      fixture.tokens.ForUrl(base::TokenPurpose::kReturnPath, *base::ParseId(base::NewId(fixture.clock.Now())));
  std::vector<std::string> wrong = {"",      "x",     good.substr(1),      good + "A",           forged,
                                    unknown, purpose, fixture.AddMail(""), std::string(44, '\0')};
  for (const std::string& token : wrong) {
    for (const auto& result : {fixture.recipients->Look(token), fixture.recipients->Unsubscribe(token, "page"),
                               fixture.recipients->Resubscribe(token)}) {
      REQUIRE_FALSE(result);
      CHECK(result.error().kind == base::ErrorKind::kNotFound);
      CHECK(result.error().message == fixture.recipients->Look("").error().message);
    }
  }
}

TEST_CASE("the page learns no more of an address than whom it may mean") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const auto masked = [&](const std::string& local) {
    return fixture.recipients->Look(fixture.AddMail(topic.id, {local, "example.org"}))->masked_address;
  };
  CHECK(masked("ann") == "a***@example.org");
  CHECK(masked("a") == "a***@example.org");
  CHECK(masked("\"odd one\"") == "***@example.org");
  CHECK(masked("\xC3\xBC"
               "ber") == "***@example.org");
}

TEST_CASE("a choice that cannot be written is refused and does not count") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string token = fixture.AddMail(topic.id);
  {
    const sealpost::tests::FullDisk full;
    const auto refused = fixture.recipients->Unsubscribe(token, "one_click");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == base::ErrorKind::kUnavailable);
    CHECK_FALSE(fixture.recipients->ChoiceOf(topic.id, "ann@example.org"));
  }
  REQUIRE(sealpost::tests::WaitFor([&] { return fixture.database->Writable(); }));
  CHECK(fixture.recipients->Unsubscribe(token, "one_click"));
}

TEST_CASE("memory and disk agree on the last of many choices made at once") {
  Fixture fixture;
  const model::Topic topic = fixture.AddTopic();
  const std::string token = fixture.AddMail(topic.id);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i) {
          const auto done = (t + i) % 2 == 0 ? fixture.recipients->Unsubscribe(token, "page")
                                             : fixture.recipients->Resubscribe(token);
          CHECK(done.has_value());
        }
      });
    }
  }
  const auto before = fixture.recipients->ChoiceOf(topic.id, "ann@example.org");
  fixture.Reload();
  CHECK(fixture.recipients->ChoiceOf(topic.id, "ann@example.org") == before);
}

TEST_CASE("a confirmed mailbox counts at once, outlives a restart, and is forgotten after thirteen months") {
  Fixture fixture;
  CHECK_FALSE(fixture.recipients->IsConfirmed("ann@example.org"));
  fixture.recipients->Confirm({"ann@example.org", "bob@example.org"});
  CHECK(fixture.recipients->IsConfirmed("ann@example.org"));
  fixture.Settle();
  fixture.Reload();
  CHECK(fixture.recipients->IsConfirmed("ann@example.org"));
  CHECK_FALSE(fixture.recipients->IsConfirmed("carl@example.org"));
  fixture.clock.Advance(std::chrono::days(390));
  fixture.recipients->Confirm({"ann@example.org"});
  fixture.clock.Advance(std::chrono::days(7));
  CHECK(fixture.recipients->IsConfirmed("ann@example.org"));
  CHECK_FALSE(fixture.recipients->IsConfirmed("bob@example.org"));
  fixture.Settle();
  fixture.Reload();
  CHECK(fixture.recipients->IsConfirmed("ann@example.org"));
  CHECK_FALSE(fixture.recipients->IsConfirmed("bob@example.org"));
}

TEST_CASE("what is too old leaves the store with the next confirmation, once a day") {
  Fixture fixture;
  fixture.recipients->Confirm({"ann@example.org"});
  fixture.clock.Advance(std::chrono::days(397));
  fixture.recipients->Confirm({"bob@example.org"});
  fixture.Settle();
  std::size_t kept = 0;
  REQUIRE(fixture.database->Read([&](store::Session& session) -> base::Result<void> {
    kept = store::ConfirmedSince(session, base::FromMillis(0))->size();
    return {};
  }));
  CHECK(kept == 1);
}

TEST_CASE("an assertion that is repeated all day is written once") {
  Fixture fixture;
  fixture.recipients->Confirm({"ann@example.org"});
  fixture.Settle();
  const auto written = fixture.database->Statistics().committed;
  for (int i = 0; i < 10; ++i) fixture.recipients->Confirm({"ann@example.org"});
  fixture.Settle();
  CHECK(fixture.database->Statistics().committed == written + 1);  // the settling itself
}

TEST_CASE("opening a link, leaving and coming back confirm nothing") {
  Fixture fixture;
  const std::string token = fixture.AddMail(fixture.AddTopic().id);
  REQUIRE(fixture.recipients->Look(token));
  REQUIRE(fixture.recipients->Unsubscribe(token, "one_click"));
  REQUIRE(fixture.recipients->Resubscribe(token));
  CHECK_FALSE(fixture.recipients->IsConfirmed("ann@example.org"));
}
