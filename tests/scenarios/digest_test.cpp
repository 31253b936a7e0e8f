// Notifications over their limit: held with the time at which they are told, and told in one message. The hour passes
// in the store while the service is stopped: all that it wrote down then lies an hour further back.
#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"
#include "tests/support/process.h"

using namespace sealpost::scenarios;

namespace {

void LetAnHourPass(const TempFolder& folder) {
  constexpr const char* kScript =
      "import sqlite3, sys\n"
      "store = sqlite3.connect(sys.argv[1])\n"
      "store.execute('UPDATE emails SET created_at = created_at - 3600000')\n"
      "store.execute('UPDATE deliveries SET next_attempt_at = next_attempt_at - 3600000')\n"
      "store.execute('UPDATE digests SET at = at - 3600000')\n"
      "store.commit()\n";
  tests::Process python({"python3", "-c", kScript, folder.File("data/sealpost.db")});
  REQUIRE(python.Wait() == 0);
}

std::string Notification(int number, const std::string& more = "") {
  return R"({"from": "Acme <hello@acme.example>", "to": "ann@example.com", "subject": "Number )" +
         std::to_string(number) + R"( <b>", "text": "It works.", "category": "notification")" + more + "}";
}

}  // namespace

TEST_CASE("a flood of notifications is held and told in one message an hour later, and everything says so") {
  TempFolder folder;
  std::vector<std::string> ids;
  std::string topic;
  {
    Sealpost service = StartDev(folder);
    topic = Json::Of(service.Post("/topics", R"({"name": "Comments", "default_subscription": "opt_in"})").body)["id"]
                .Text();
    for (int i = 1; i <= 10; ++i) {
      const HttpReply reply = service.Post("/emails", Notification(i, R"(, "topic_id": ")" + topic + R"(")"));
      REQUIRE(reply.status == 200);
      CHECK(reply.Header("X-Sealpost-Outcome") == (i <= 6 ? "accepted" : "held"));
      ids.push_back(Json::Of(reply.body)["id"].Text());
    }
    const Json held = Events(service, ids[9])[1];
    CHECK(held["type"].Text() == "email.delivery_delayed");
    CHECK(held["reply"].Text() == "held by the limit notification-mailbox-1m");
    const std::string accepted_at = Email(service, ids[9])["created_at"].Text();
    CHECK(held["next_attempt_at"].Text() > accepted_at);
    CHECK(held["next_attempt_at"].Text().substr(11, 2) != accepted_at.substr(11, 2));  // another hour
    for (int i = 0; i < 6; ++i) CHECK(AwaitState(service, ids[i], "delivered"));
    CHECK(Inbox(service).Size() == 6);
    CHECK(service.Delete("/x/dev/inbox").status == 200);
    CHECK(service.Stop() == 0);
  }
  LetAnHourPass(folder);
  Sealpost service = StartDev(folder);
  const Json mail = AwaitMail(service, "ann@example.com");
  CHECK(mail["subject"].Text() == "4 notifications");
  const std::string raw = mail["raw"].Text();
  CHECK(Holds(raw, "Number 7 <b>"));
  CHECK(Holds(raw, "Number 10 &lt;b&gt;"));
  CHECK_FALSE(Holds(raw, "Number 6"));
  CHECK(HeaderOf(raw, "Auto-Submitted") == "auto-generated");
  CHECK(HeaderOf(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
  CHECK(HeaderOf(raw, "List-Unsubscribe").find("/u/") != std::string::npos);
  CHECK_FALSE(HeaderOf(raw, "DKIM-Signature").empty());

  std::string digest;
  for (int i = 6; i < 10; ++i) {
    CHECK(AwaitState(service, ids[i], "suppressed"));
    const std::string reason = Events(service, ids[i])[2]["reply"].Text();
    const std::string words = "held by the limit notification-mailbox-1m, told in the digest ";
    REQUIRE(reason.starts_with(words));
    if (!digest.empty()) CHECK(reason.substr(words.size()) == digest);
    digest = reason.substr(words.size());
  }
  CHECK(AwaitState(service, digest, "delivered"));
  const Json email = Email(service, digest);
  CHECK(email["tags"][0]["name"].Text() == "digest");
  CHECK(email["tags"][0]["value"].Text() == "4");
  CHECK(email["topic_id"].Text() == topic);
  CHECK(email["category"].Text() == "notification");
  CHECK(Inbox(service).Size() == 1);
}
