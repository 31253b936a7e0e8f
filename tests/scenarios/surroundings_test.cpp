#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"
#include "tests/support/fake_smtp_server.h"

using namespace sealpost::scenarios;

namespace {

// The value of the TXT record of that name; "" if there is none.
std::string TxtOf(const Json& records, const std::string& name, const std::string& beginning) {
  for (std::size_t i = 0; i < records.Size(); ++i) {
    const Json record = records[i];
    if (record["name"].Text() == name && record["type"].Text() == "TXT" &&
        record["value"].Text().starts_with(beginning)) {
      return record["value"].Text();
    }
  }
  return "";
}

// The value of a tag such as "s" in a DKIM-Signature.
std::string TagOf(const std::string& signature, const std::string& tag) {
  const std::size_t at = (" " + signature).find(" " + tag + "=");
  if (at == std::string::npos) return "";
  const std::size_t value = at + tag.size() + 1;
  return signature.substr(value, signature.find(';', value) - value);
}

}  // namespace

TEST_CASE("what would have to be published for a domain can be looked up") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, R"({"from": "hello@shop.example", "to": "ann@example.com", "subject": "x", "text": "x"})");
  const std::string signature = HeaderOf(AwaitMail(service, "ann@example.com")["raw"].Text(), "DKIM-Signature");
  CAPTURE(signature);
  CHECK(TagOf(signature, "d") == "shop.example");
  const Json records = Json::Of(service.Get("/x/dev/dns").body);
  CAPTURE(records.Raw());
  CHECK_FALSE(TxtOf(records, "shop.example", "v=spf1 ").empty());
  CHECK_FALSE(TxtOf(records, "bounce.shop.example", "v=spf1 ").empty());
  CHECK(Holds(TxtOf(records, "_dmarc.shop.example", "v=DMARC1"), "p=quarantine"));
  const std::string key = TxtOf(records, TagOf(signature, "s") + "._domainkey.shop.example", "v=DKIM1");
  CHECK(Holds(key, "p="));
  CHECK_FALSE(Holds(key, "\""));
}

TEST_CASE("the inbox is read on from where one was, waits for what comes, and can be emptied") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com"));
  const std::string first = AwaitMail(service, "ann@example.com")["id"].Text();
  CHECK(Inbox(service, "?after=" + first).Size() == 0);
  Send(service, Message("bob@example.com"));
  const Json next = Inbox(service, "?wait=20&after=" + first);
  REQUIRE(next.Size() == 1);
  CHECK(next[0]["to"][0].Text() == "bob@example.com");
  CHECK(Inbox(service)[0]["id"].Text() == first);
  CHECK(service.Delete("/x/dev/inbox").status == 200);
  CHECK(Inbox(service).Size() == 0);
  CHECK(service.Get("/x/dev/inbox?wait=forever").status == 422);
}

TEST_CASE("development can deliver to another server instead of the catcher") {
  tests::FakeSmtpServer sink;
  TempFolder folder;
  Sealpost service = StartDev(folder, {"--relay", "smtp://127.0.0.1:" + std::to_string(sink.port())});
  const std::string id = Send(service, Message("ann@example.com"));
  CHECK(AwaitState(service, id, "delivered"));
  REQUIRE(sink.messages().size() == 1);
  CHECK(sink.messages()[0].rcpt_to.at(0) == "<ann@example.com>");
  CHECK(Inbox(service).Size() == 0);
}

TEST_CASE("the metrics count what happened") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Script(service, "nobody@example.com", "550 5.1.1 no such mailbox", 1);
  const std::string bounced = Send(service, Message("nobody@example.com"));
  const std::string delivered = Send(service, Message("ann@example.com", R"("category": "receipt")"));
  CHECK(AwaitState(service, bounced, "bounced"));
  CHECK(AwaitState(service, delivered, "delivered"));
  const std::string metrics = tests::HttpClient(service.port()).Get("/metrics").body;
  CAPTURE(metrics);
  CHECK(Holds(metrics, "\nsealpost_messages_total{state=\"bounced\"} 1\n"));
  CHECK(Holds(metrics, "\nsealpost_messages_total{state=\"delivered\"} 1\n"));
  CHECK(Holds(metrics, "\nsealpost_limit_decisions_total{category=\"receipt\",outcome=\"accepted\"} 1\n"));
  CHECK(Holds(metrics, "\nsealpost_queue_depth{lane=\"all\"} 0\n"));
  CHECK(Holds(metrics, "\nsealpost_attempt_seconds_count 2\n"));
  CHECK(Holds(metrics, "\nsealpost_smtp_connections{state=\"open\"} "));
  CHECK(Holds(metrics, "\nsealpost_degraded 0\n"));
  CHECK_FALSE(Holds(metrics, "example.com"));
}
