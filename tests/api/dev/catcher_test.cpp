#include "api/dev/catcher.h"

#include <filesystem>

#include "tests/api/dev/fixture.h"

using namespace sealpost;
using namespace sealpost::dev;

namespace {

struct WithCatcher : Fixture {
  std::vector<std::string> complaints;
  Catcher catcher{*inbox, script, [this](const std::string& from) { complaints.push_back(from); }, log};

  static smtpd::Session From(const std::string& mail_from, std::vector<std::string> recipients = {}) {
    return {.peer = "", .helo = "", .tls = "", .mail_from = mail_from, .recipients = std::move(recipients)};
  }
};

}  // namespace

TEST_CASE_FIXTURE(WithCatcher, "ordinary mail is caught") {
  const auto session = From("a@acme.example", {"you@example.com"});
  CHECK(catcher.OnMail(session).code == 250);
  CHECK(catcher.OnRecipient(session, "you@example.com").code == 250);
  CHECK(catcher.OnData(session).code == 354);
  const auto answer = catcher.OnMessage(session, kMail);
  CHECK(answer.code == 250);
  REQUIRE(inbox->List().size() == 1);
  CHECK(answer.text == "2.0.0 Caught as " + inbox->List()[0].id);
}

TEST_CASE_FIXTURE(WithCatcher, "the simulator's mailboxes play their parts") {
  const auto session = From("verp-1@bounce.acme.example");
  const auto ask = [&](const char* local) {
    return catcher.OnRecipient(session, std::string(local) + "@simulator.sealpost.test").code;
  };
  CHECK(ask("delivered") == 250);
  CHECK(ask("suppressed") == 250);
  CHECK(ask("complained") == 250);
  CHECK(ask("Bounced+label") == 550);
  CHECK(ask("delayed") == 451);
  CHECK(ask("delayed") == 250);
  CHECK(catcher.OnRecipient(From("verp-2@bounce.acme.example"), "delayed@Simulator.Sealpost.Test").code == 451);
  CHECK(catcher.OnRecipient(session, "bounced@example.com").code == 250);
}

TEST_CASE_FIXTURE(WithCatcher, "complained@ complains once the mail is caught") {
  const auto session = From("verp-1@bounce.acme.example", {"you@example.com", "complained@simulator.sealpost.test"});
  CHECK(catcher.OnMessage(session, kMail).code == 250);
  CHECK(complaints == std::vector<std::string>{"verp-1@bounce.acme.example"});
}

TEST_CASE_FIXTURE(WithCatcher, "scripted answers go first, at every stage") {
  const auto session = From("a@acme.example", {"you@example.com"});
  for (const auto& [stage, code] : {std::pair(Stage::kMail, 421), std::pair(Stage::kRcpt, 451),
                                    std::pair(Stage::kData, 452), std::pair(Stage::kDot, 554)}) {
    REQUIRE(script.Add({.match = "*", .reply = {code, "scripted"}, .times = 1, .stage = stage}));
  }
  CHECK(catcher.OnMail(session).code == 421);
  CHECK(catcher.OnRecipient(session, "bounced@simulator.sealpost.test").code == 451);
  CHECK(catcher.OnData(session).code == 452);
  CHECK(catcher.OnMessage(session, kMail).code == 554);
  CHECK(inbox->List().empty());
  CHECK(catcher.OnMail(session).code == 250);
  REQUIRE(script.Add({.match = "you@*", .reply = {250, "mine"}, .times = 1, .stage = Stage::kDot}));
  CHECK(catcher.OnMessage(session, kMail).text == "mine");
  CHECK(inbox->List().size() == 1);
}

TEST_CASE_FIXTURE(WithCatcher, "a mail that cannot be written is refused until later") {
  std::filesystem::remove_all(folder.path() + "/inbox");
  CHECK(catcher.OnMessage(From("a@acme.example", {"you@example.com"}), kMail).code == 451);
}
