#include "api/dev/inbox_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::dev;

namespace {

smtpd::Session To(std::vector<std::string> recipients) {
  return {.peer = "127.0.0.1:1",
          .helo = "h",
          .tls = "TLSv1.3 X",
          .mail_from = "m@x.example",
          .recipients = std::move(recipients)};
}

std::unique_ptr<InboxStore> Open(const tests::TempFolder& folder, const base::Clock& clock, std::size_t most = 100) {
  auto store = InboxStore::Open(folder.path() + "/inbox", clock, most);
  REQUIRE(store);
  return std::move(*store);
}

const std::string kRaw = "From: \"A, b\" <a@Acme.example>\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\nx\r\n";

}  // namespace

TEST_CASE("a caught mail is on disk with its facts, and there again after a restart") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  std::string first, second;
  {
    const auto store = Open(folder, clock);
    first = store->Add(To({"a@x.example", "b@x.example"}), kRaw)->id;
    clock.Advance(base::Millis(5));
    second = store->Add(To({}), "no header at all").value().id;
  }
  const auto store = Open(folder, clock);
  const auto mails = store->List();
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].id == first);
  CHECK(mails[0].recipients == std::vector<std::string>{"a@x.example", "b@x.example"});
  CHECK(mails[0].mail_from == "m@x.example");
  CHECK(mails[0].tls == "TLSv1.3 X");
  CHECK(mails[0].subject == "\u00fc");
  CHECK(mails[0].from == "\"A, b\" <a@Acme.example>");
  CHECK(mails[0].from_domain == "acme.example");
  CHECK(base::ToMillis(mails[0].received_at) + 5 == base::ToMillis(clock.Now()));
  CHECK(mails[1].id == second);
  CHECK(mails[1].from_domain.empty());
  CHECK(store->Raw(first).value() == kRaw);
  CHECK(store->FromDomains() == std::vector<std::string>{"acme.example"});
}

TEST_CASE("bytes are read from disk each time") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock);
  const std::string id = store->Add(To({}), kRaw)->id;
  std::ofstream(folder.path() + "/inbox/" + id + ".eml") << "changed";
  CHECK(store->Raw(id).value() == "changed");
}

TEST_CASE("what a crash left behind is removed, what is not ours stays") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const std::string id = Open(folder, clock)->Add(To({}), kRaw)->id;
  const std::string inbox = folder.path() + "/inbox/";
  const std::string orphan = "01890000-0000-7000-8000-000000000000";
  std::ofstream(inbox + orphan + ".eml") << "half";
  std::ofstream(inbox + orphan + ".eml.AbCdEf") << "draft";
  std::ofstream(inbox + "notes.txt") << "mine";
  std::ofstream(inbox + "broken.json") << "{";
  const auto store = Open(folder, clock);
  CHECK(store->List().size() == 1);
  CHECK_FALSE(std::filesystem::exists(inbox + orphan + ".eml"));
  CHECK_FALSE(std::filesystem::exists(inbox + orphan + ".eml.AbCdEf"));
  CHECK(std::filesystem::exists(inbox + "notes.txt"));
  CHECK(std::filesystem::exists(inbox + id + ".eml"));
}

TEST_CASE("the oldest mails go when there are too many") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock, 2);
  const std::string oldest = store->Add(To({}), kRaw)->id;
  store->Add(To({"b@x.example"}), kRaw);
  store->Add(To({"c@x.example"}), kRaw);
  const auto mails = store->List();
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].recipients[0] == "b@x.example");
  CHECK(store->Raw(oldest).error().kind == base::ErrorKind::kNotFound);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/inbox/" + oldest + ".eml"));
}

TEST_CASE("a query asks by recipient in any case, and for what came after") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock);
  const std::string first = store->Add(To({"a@x.example"}), kRaw)->id;
  clock.Advance(base::Millis(2));
  const std::string second = store->Add(To({"B@x.example"}), kRaw)->id;
  CHECK(store->List({.to = "b@X.example", .after = ""}).at(0).id == second);
  CHECK(store->List({.to = "c@x.example", .after = ""}).empty());
  CHECK(store->List({.to = "", .after = first}).at(0).id == second);
  CHECK(store->List({.to = "", .after = second}).empty());
  CHECK(store->List({.to = "", .after = "00000000-0000-7000-8000-000000000000"}).size() == 2);
}

TEST_CASE("clearing removes files and names") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock);
  store->Add(To({}), kRaw);
  CHECK(store->Clear() == 1);
  CHECK(store->List().empty());
  CHECK(std::filesystem::is_empty(folder.path() + "/inbox"));
}

TEST_CASE("no name reaches outside the folder") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  folder.Write("secret.eml", "secret");
  const auto store = Open(folder, clock);
  CHECK(store->Raw("../secret").error().kind == base::ErrorKind::kNotFound);
}

TEST_CASE("a folder that cannot be made is named") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const std::string path = folder.Write("file", "x") + "/inbox";
  const auto store = InboxStore::Open(path, clock);
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find(path) != std::string::npos);
}

TEST_CASE("a wait ends with the mail it waits for, or when waiting is over") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock);
  std::vector<CaughtMail> found;
  {
    std::jthread waiter([&] { found = store->WaitFor({.to = "b@x.example", .after = ""}, std::chrono::hours(1)); });
    store->Add(To({"a@x.example"}), kRaw);
    store->Add(To({"b@x.example"}), kRaw);
  }
  REQUIRE(found.size() == 1);
  CHECK(store->WaitFor({.to = "c@x.example", .after = ""}, std::chrono::milliseconds(0)).empty());
  {
    std::jthread waiter([&] { found = store->WaitFor({.to = "c@x.example", .after = ""}, std::chrono::hours(1)); });
    store->StopWaiting();
  }
  CHECK(found.empty());
}

TEST_CASE("many connections store at once") {
  tests::TempFolder folder;
  tests::ManualClock clock;
  const auto store = Open(folder, clock, 50);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) store->Add(To({"a@x.example"}), kRaw);
      });
    }
  }
  CHECK(store->List().size() == 50);
  CHECK(Open(folder, clock, 50)->List().size() == 50);
}
