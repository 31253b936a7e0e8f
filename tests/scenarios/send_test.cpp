#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

TEST_CASE("text and html arrive as they were sent, over TLS, with both signatures good") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string id = Send(service, R"({"from": "Acme <hello@acme.example>", "to": ["Ann <ann@example.com>"],
      "reply_to": "help@acme.example", "subject": "Grüße", "html": "<p>It <b>works</b>.</p>", "text": "It works."})");
  const Json mail = AwaitMail(service, "ann@example.com");
  const std::string raw = mail["raw"].Text();
  CAPTURE(raw);
  CHECK(mail["email_id"].Text() == id);
  CHECK(mail["subject"].Text() == "Grüße");
  CHECK(mail["from"].Text() == "Acme <hello@acme.example>");
  CHECK(mail["to"].Size() == 1);
  CHECK(mail["mail_from"].Text().ends_with("@bounce.acme.example"));
  CHECK(mail["tls"].Text().starts_with("TLSv1."));
  CHECK(BothPass(mail));
  CHECK(HeaderOf(raw, "To") == "Ann <ann@example.com>");
  CHECK(HeaderOf(raw, "Reply-To") == "help@acme.example");
  CHECK(HeaderOf(raw, "Auto-Submitted") == "auto-generated");
  CHECK(HeaderOf(raw, "Content-Type").starts_with("multipart/alternative"));
  CHECK(HeaderOf(raw, "List-Unsubscribe").empty());
  CHECK(Holds(raw, "<p>It <b>works</b>.</p>"));
  CHECK(Holds(raw, "It works."));

  REQUIRE(AwaitState(service, id, "delivered"));
  const Json email = Email(service, id);
  CHECK(email["object"].Text() == "email");
  CHECK(email["html"].Text() == "<p>It <b>works</b>.</p>");
  CHECK(email["text"].Text() == "It works.");
  CHECK(email["message_id"].Text() == HeaderOf(raw, "Message-ID"));
}

TEST_CASE("one changed byte in the stored mail makes both signatures fail, also on the page") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com"));
  const std::string mail_id = AwaitMail(service, "ann@example.com")["id"].Text();
  const std::string page = "/x/dev/mail/" + mail_id;
  CHECK(Holds(service.Get(page).body, "DKIM rsa-sha256: pass"));
  CHECK(Holds(service.Get(page).body, "DKIM ed25519-sha256: pass"));

  const std::string file = "data/inbox/" + mail_id + ".eml";
  std::string stored = folder.Read(file);
  const std::size_t place = stored.find("It works.");
  REQUIRE(place != std::string::npos);
  stored[place] = 'i';
  folder.Write(file, stored);

  const Json dkim = Inbox(service)[0]["dkim"];
  REQUIRE(dkim.Size() == 2);
  CHECK(dkim[0]["result"].Text() == "fail");
  CHECK(dkim[1]["result"].Text() == "fail");
  CHECK(Holds(service.Get(page).body, "DKIM rsa-sha256: fail"));
  CHECK(Holds(service.Get(page).body, "DKIM ed25519-sha256: fail"));
}

TEST_CASE("attachments come in all three shapes that clients send") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com", R"("attachments": [
      {"filename": "a.txt", "content": "Zmlyc3Q="},
      {"filename": "b.bin", "content": [115, 101, 99, 111, 110, 100, 0], "contentType": "application/x-b"},
      {"filename": "c.txt", "content": {"type": "Buffer", "data": [116, 104, 105, 114, 100]}}])"));
  const Json mail = AwaitMail(service, "ann@example.com");
  const std::string raw = mail["raw"].Text();
  CAPTURE(raw);
  CHECK(HeaderOf(raw, "Content-Type").starts_with("multipart/mixed"));
  CHECK(Holds(raw, "filename=\"a.txt\""));
  CHECK(Holds(raw, "\r\nZmlyc3Q=\r\n"));
  CHECK(Holds(raw, "Content-Type: application/x-b"));
  CHECK(Holds(raw, "\r\nc2Vjb25kAA==\r\n"));
  CHECK(Holds(raw, "\r\ndGhpcmQ=\r\n"));
  CHECK(BothPass(mail));
}

TEST_CASE("a template is rendered strictly, escaped in html, and sent only once it is published") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const HttpReply created = service.Post("/templates", R"({"name": "Welcome", "alias": "welcome",
      "from": "Acme <hello@acme.example>", "subject": "Hello {{NAME}}",
      "html": "<p>Hello {{NAME}}</p>\n<p>from {{{TOWN}}}</p>",
      "variables": [{"key": "NAME", "type": "string"}, {"key": "TOWN", "type": "string", "fallback_value": "Bern"}]})");
  INFO(created.body);
  REQUIRE(created.status == 201);
  const std::string to_ann =
      R"({"to": "ann@example.com", "template": {"id": "welcome", "variables": {"NAME": "A&B <i>"}}})";
  CHECK(service.Post("/emails", to_ann).status == 404);
  REQUIRE(service.Post("/templates/welcome/publish", "").status == 200);

  Send(service, to_ann);
  const Json mail = AwaitMail(service, "ann@example.com");
  CHECK(mail["subject"].Text() == "Hello A&B <i>");
  CHECK(Holds(mail["raw"].Text(), "<p>Hello A&amp;B &lt;i&gt;</p>"));
  CHECK(Holds(mail["raw"].Text(), "from Bern"));
  CHECK(BothPass(mail));

  const HttpReply missing =
      service.Post("/emails", R"({"to": "ann@example.com", "subject": "Hi", "template": {"id": "welcome"}})");
  CHECK(missing.status == 422);
  const std::string message = Json::Of(missing.body)["message"].Text();
  CAPTURE(message);
  CHECK(Holds(message, "NAME"));
  CHECK(Holds(message, "line 1, column 10"));
}

TEST_CASE("a batch is all or nothing unless it asks to be permissive") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string good = "[" + Message("ann@example.com") + "," + Message("bob@example.com") + "]";
  const HttpReply taken = service.Post("/emails/batch", good);
  REQUIRE(taken.status == 200);
  CHECK(Json::Of(taken.body)["data"].Size() == 2);
  CHECK(AwaitMail(service, "ann@example.com")["email_id"].Text() == Json::Of(taken.body)["data"][0]["id"].Text());
  CHECK(AwaitMail(service, "bob@example.com")["email_id"].Text() == Json::Of(taken.body)["data"][1]["id"].Text());

  const std::string half = "[" + Message("not an address") + "," + Message("eve@example.com") + "]";
  const HttpReply strict = service.Post("/emails/batch", half);
  CHECK(strict.status == 422);
  CHECK(Holds(Json::Of(strict.body)["message"].Text(), "Message 0"));
  CHECK(Inbox(service, "?to=eve@example.com").Size() == 0);

  const HttpReply permissive = service.Post("/emails/batch", half, {{"x-batch-validation", "permissive"}});
  REQUIRE(permissive.status == 200);
  CHECK(Json::Of(permissive.body)["data"].Size() == 1);
  CHECK(Json::Of(permissive.body)["errors"][0]["index"].Number() == 0);
  AwaitMail(service, "eve@example.com");
  CHECK(Inbox(service, "?to=eve@example.com").Size() == 1);
}

TEST_CASE("each mailbox of a message gets a mail of its own, and nobody sees Bcc") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::string id =
      Send(service, Message("ann@example.com", R"("cc": ["bob@example.com"], "bcc": "eve@example.net")"));
  std::set<std::string> return_paths;
  for (const std::string to : {"ann@example.com", "bob@example.com", "eve@example.net"}) {
    const Json mail = AwaitMail(service, to);
    CHECK(mail["to"].Size() == 1);
    CHECK(mail["email_id"].Text() == id);
    CHECK(HeaderOf(mail["raw"].Text(), "Cc") == "bob@example.com");
    CHECK_FALSE(Holds(mail["raw"].Text(), "eve@example.net"));
    CHECK(BothPass(mail));
    return_paths.insert(mail["mail_from"].Text());
  }
  CHECK(return_paths.size() == 3);
  CHECK(AwaitState(service, id, "delivered"));
  CHECK(Events(service, id).Size() == 6);
}

TEST_CASE("nothing that is between the application and us reaches a recipient") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com", R"("tags": [{"name": "campaign", "value": "secret-tag"}],
      "metadata": {"order": "secret-metadata"}, "user_id": "secret-user", "trust": "session", "priority": "high",
      "headers": {"X-Sealpost-Category": "receipt", "X-Sealpost-Client-Ip": "192.0.2.77", "X-Entity-Ref-ID": "kept"})"),
       {{"X-Sealpost-Dedupe-Key", "secret-dedupe"}});
  const std::string raw = AwaitMail(service, "ann@example.com")["raw"].Text();
  CAPTURE(raw);
  CHECK(HeaderOf(raw, "X-Entity-Ref-ID") == "kept");
  for (const std::string leak : {"X-Sealpost", "x-sealpost", "campaign", "secret", "192.0.2.77", "session", "sp_dev"}) {
    CAPTURE(leak);
    CHECK_FALSE(Holds(raw, leak));
  }
}

TEST_CASE("what this version does not serve is refused by name, never ignored") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const HttpReply shared = service.Post("/emails/0190f3c2-0000-7000-8000-000000000001/share", "{}");
  CHECK(shared.status == 404);
  CHECK(Holds(Json::Of(shared.body)["message"].Text(), "not served"));
  const HttpReply listed = service.Get("/emails");
  CHECK(listed.status == 404);
  CHECK(Json::Of(listed.body)["name"].Text() == "not_found");
}
