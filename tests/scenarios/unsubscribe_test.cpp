#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";

std::string MakeTopic(Sealpost& service, const std::string& name, const std::string& more = "") {
  const HttpReply reply = service.Post("/topics", R"({"name": ")" + name + "\"" + more + "}");
  INFO(reply.body);
  REQUIRE(reply.status == 201);
  return Json::Of(reply.body)["id"].Text();
}

std::string About(const std::string& topic) {
  return R"("topic_id": ")" + topic + "\"";
}

// The path of the link in List-Unsubscribe.
std::string LinkOf(const Json& mail, const Sealpost& service) {
  const std::string value = HeaderOf(mail["raw"].Text(), "List-Unsubscribe");
  const std::string base = "<http://127.0.0.1:" + std::to_string(service.port());
  CAPTURE(value);
  REQUIRE(value.starts_with(base + "/u/"));
  REQUIRE(value.ends_with(">"));
  return value.substr(base.size(), value.size() - base.size() - 1);
}

// As a mailbox provider or a browser does it: without a key.
HttpReply PostForm(Sealpost& service, const std::string& path, const std::string& body) {
  return tests::HttpClient(service.port()).Post(path, {{"Content-Type", kForm}}, body);
}

std::string StateAfterSending(Sealpost& service, const std::string& message) {
  const std::string id = Send(service, message);
  CHECK(WaitFor([&] { return Email(service, id)["last_event"].Text() != "queued"; }));
  return Email(service, id)["last_event"].Text();
}

}  // namespace

TEST_CASE("mail with a topic says how to leave it, in signed header fields") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string topic = MakeTopic(service, "News");
  Send(service, Message("ann@example.com", About(topic)));
  const Json mail = AwaitMail(service, "ann@example.com");
  const std::string raw = mail["raw"].Text();
  CAPTURE(raw);
  LinkOf(mail, service);
  CHECK(HeaderOf(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
  CHECK(HeaderOf(raw, "List-Id") == "News <" + topic + ".acme.example>");
  const std::string signature = HeaderOf(raw, "DKIM-Signature");
  for (const std::string name : {"list-unsubscribe:", "list-unsubscribe-post:", "list-id:"}) {
    std::string lower = signature + ":";
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    CHECK(Holds(lower, name));
  }
  CHECK(BothPass(mail));
}

TEST_CASE("the link changes nothing when it is looked at, and one click ends that topic for that mailbox only") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string news = MakeTopic(service, "News"), tips = MakeTopic(service, "Tips");
  Send(service, Message("ann@example.com", About(news)));
  const std::string link = LinkOf(AwaitMail(service, "ann@example.com"), service);

  const HttpReply page = tests::HttpClient(service.port()).Get(link);
  CHECK(page.status == 200);
  CHECK(page.Header("Content-Type").starts_with("text/html"));
  CHECK(Holds(page.body, "News"));
  CHECK_FALSE(Holds(page.body, "ann@example.com"));
  CHECK(tests::HttpClient(service.port()).Do("HEAD", link).status == 200);
  CHECK(StateAfterSending(service, Message("ann@example.com", About(news))) == "delivered");

  const HttpReply clicked = PostForm(service, link, "List-Unsubscribe=One-Click");
  CHECK(clicked.status == 200);
  const std::string id = Send(service, Message("ann@example.com", About(news)));
  CHECK(Email(service, id)["last_event"].Text() == "suppressed");
  CHECK(Events(service, id)[1]["type"].Text() == "email.suppressed");
  // Another spelling, the same mailbox.
  CHECK(StateAfterSending(service, Message("ANN@Example.com", About(news))) == "suppressed");
  CHECK(StateAfterSending(service, Message("ann@example.com", About(tips))) == "delivered");
  CHECK(StateAfterSending(service, Message("ann@example.com")) == "delivered");
  CHECK(StateAfterSending(service, Message("bob@example.com", About(news))) == "delivered");
  CHECK(Inbox(service, "?to=ann@example.com").Size() == 4);

  CHECK(Holds(PostForm(service, link, "action=resubscribe").body, "Unsubscribe?"));
  CHECK(StateAfterSending(service, Message("ann@example.com", About(news))) == "delivered");
}

TEST_CASE("what is already queued when somebody leaves does not go out any more") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string news = MakeTopic(service, "News");
  Send(service, Message("ann@example.com", About(news)));
  const std::string link = LinkOf(AwaitMail(service, "ann@example.com"), service);

  Script(service, "ann@example.com", "451 4.7.1 come back later", 1000);
  const std::string topical = Send(service, Message("ann@example.com", About(news)));
  const std::string untopical = Send(service, Message("ann@example.com"));
  REQUIRE(AwaitState(service, topical, "delivery_delayed"));
  CHECK(PostForm(service, link, "action=unsubscribe").status == 200);
  REQUIRE(service.Delete("/x/dev/catcher").status == 200);

  CHECK(AwaitState(service, topical, "suppressed"));
  CHECK(AwaitState(service, untopical, "delivered"));
  CHECK(Inbox(service, "?to=ann@example.com").Size() == 2);
}

TEST_CASE("choices outlive a restart") {
  TempFolder folder;
  std::optional<Sealpost> service(StartDev(folder));
  const std::string news = MakeTopic(*service, "News");
  Send(*service, Message("ann@example.com", About(news)));
  const std::string link = LinkOf(AwaitMail(*service, "ann@example.com"), *service);
  CHECK(PostForm(*service, link, "List-Unsubscribe=One-Click").status == 200);
  service->Kill();
  service.emplace(StartDev(folder));
  CHECK(StateAfterSending(*service, Message("ann@example.com", About(news))) == "suppressed");
  CHECK(Holds(tests::HttpClient(service->port()).Get(link).body, "You are unsubscribed"));
}

TEST_CASE("a topic that one has to opt in to sends to nobody who has not") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string topic = MakeTopic(service, "Beta", R"(, "default_subscription": "opt_out")");
  CHECK(StateAfterSending(service, Message("ann@example.com", About(topic))) == "suppressed");
}

TEST_CASE("a link that is none of ours says so and changes nothing") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string topic = MakeTopic(service, "News");
  Send(service, Message("ann@example.com", About(topic)));
  std::string link = LinkOf(AwaitMail(service, "ann@example.com"), service);
  link.back() = link.back() == 'A' ? 'B' : 'A';
  link[link.size() - 9] = link[link.size() - 9] == 'A' ? 'B' : 'A';
  CHECK(tests::HttpClient(service.port()).Get(link).status == 404);
  PostForm(service, link, "List-Unsubscribe=One-Click");
  CHECK(StateAfterSending(service, Message("ann@example.com", About(topic))) == "delivered");
}
