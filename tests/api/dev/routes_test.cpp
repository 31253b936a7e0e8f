#include "api/dev/routes.h"

#include <fstream>
#include <thread>

#include "mailer/base/crypto.h"
#include "mailer/base/json.h"
#include "tests/api/dev/fixture.h"

using namespace sealpost;

namespace {

// The members of each mail as "name=value name=value" would hide types; a parsed document keeps them.
base::JsonDocument Parse(const http::Response& response) {
  CHECK(response.status == 200);
  auto document = base::JsonDocument::Parse(response.body);
  REQUIRE(document);
  return std::move(*document);
}

base::JsonView At(const base::JsonDocument& document, std::size_t index) {
  base::JsonView found;
  document.Root().ForEachElement([&](std::size_t i, base::JsonView element) {
    if (i == index) found = element;
    return i < index;
  });
  return found;
}

std::string Verdicts(base::JsonView mail) {
  return mail["dkim"].Text();
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the inbox tells all about a mail") {
  const std::string raw = Signed(kMail);
  const std::string id = Catch(raw, {"you@example.com", "b@example.com"}, "TLSv1.3 X");
  const auto document = Parse(Ask("GET", "/x/dev/inbox"));
  REQUIRE(document.Root().Size() == 1);
  const base::JsonView mail = At(document, 0);
  CHECK(mail["id"].String() == id);
  CHECK(mail["email_id"].String() == "email-1");
  CHECK(mail["to"].Text() == R"(["you@example.com","b@example.com"])");
  CHECK(mail["mail_from"].String() == "verp");
  CHECK(mail["from"].String() == "Acme <hello@acme.example>");
  CHECK(mail["subject"].String() == "Gr\u00fc\u00dfe");
  CHECK(mail["received_at"].String() == base::ToRfc3339(clock.Now()));
  CHECK(mail["tls"].String() == "TLSv1.3 X");
  CHECK(mail["raw"].String() == raw);
  CHECK(mail["raw_base64"].String() == base::Base64Encode(raw));
  CHECK(Verdicts(mail) == R"([{"a":"rsa-sha256","result":"pass"},{"a":"ed25519-sha256","result":"pass"}])");
}

TEST_CASE_FIXTURE(Fixture, "one byte changed on disk shows in both verdicts") {
  std::string raw = Signed(kMail);
  const std::string id = Catch(raw);
  raw[raw.find("works")] = 'W';
  std::ofstream(folder.path() + "/inbox/" + id + ".eml", std::ios::binary) << raw;
  const auto document = Parse(Ask("GET", "/x/dev/inbox"));
  CHECK(Verdicts(At(document, 0)) == R"([{"a":"rsa-sha256","result":"fail"},{"a":"ed25519-sha256","result":"fail"}])");
  CHECK(Ask("GET", "/x/dev/mail/" + id).body.find("DKIM rsa-sha256: fail") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "unsigned mail has no verdicts, odd bytes are whole in base64") {
  const std::string raw = "Subject: \xff\r\n\r\n\x00\xfe";
  Catch(raw);
  const auto document = Parse(Ask("GET", "/x/dev/inbox"));
  CHECK(Verdicts(At(document, 0)) == "[]");
  CHECK(At(document, 0)["raw_base64"].String() == base::Base64Encode(raw));
  CHECK(At(document, 0)["tls"].String() == "");
}

TEST_CASE_FIXTURE(Fixture, "the inbox is oldest first and can be asked by recipient and position") {
  const std::string first = Catch(kMail, {"a@example.com"});
  const std::string second = Catch(kMail, {"b@example.com"});
  auto document = Parse(Ask("GET", "/x/dev/inbox"));
  CHECK(At(document, 0)["id"].String() == first);
  CHECK(At(document, 1)["id"].String() == second);
  document = Parse(Ask("GET", "/x/dev/inbox", {{"to", "B@example.com"}}));
  CHECK(document.Root().Size() == 1);
  document = Parse(Ask("GET", "/x/dev/inbox", {{"after", second}, {"wait", "0"}}));
  CHECK(document.Root().Size() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a plus in the recipient may be typed as it is") {
  Catch(kMail, {"ada+news@example.com"});
  CHECK(Parse(Ask("GET", "/x/dev/inbox", {{"to", "ada news@example.com"}})).Root().Size() == 1);
  CHECK(Parse(Ask("GET", "/x/dev/inbox", {{"to", "ada+news@example.com"}})).Root().Size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a wait is answered when the mail comes") {
  std::string body;
  {
    std::jthread waiter([&] { body = Ask("GET", "/x/dev/inbox", {{"to", "late@example.com"}, {"wait", "60"}}).body; });
    Catch(kMail, {"late@example.com"});
  }
  CHECK(body.find("late@example.com") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a wait that is no number of seconds is refused") {
  for (const char* wait : {"61", "-1", "x", "1.5", "99999999999999999999"}) {
    CHECK(Ask("GET", "/x/dev/inbox", {{"wait", wait}}).status == 422);
  }
}

TEST_CASE_FIXTURE(Fixture, "the inbox can be emptied") {
  Catch(kMail);
  CHECK(Ask("DELETE", "/x/dev/inbox").body == R"({"deleted":1})");
  CHECK(Ask("GET", "/x/dev/inbox").body == "[]");
}

TEST_CASE_FIXTURE(Fixture, "scripted answers are set, listed and cleared") {
  const auto set = Ask("POST", "/x/dev/catcher", {}, R"({"match":"*@a","reply":"451 4.7.1 later","times":2})");
  CHECK(set.status == 200);
  CHECK(set.body == R"({"match":"*@a","reply":"451 4.7.1 later","times":2,"stage":"rcpt"})");
  CHECK(Ask("GET", "/x/dev/catcher").body == "[" + set.body + "]");
  CHECK(Ask("DELETE", "/x/dev/catcher").body == R"({"deleted":1})");
  CHECK(Ask("GET", "/x/dev/catcher").body == "[]");
  CHECK(Ask("POST", "/x/dev/catcher", {}, "{").status == 422);
  const auto refused = Ask("POST", "/x/dev/catcher", {}, R"({"match":"*","reply":"no"})");
  CHECK(refused.status == 422);
  CHECK(refused.body.find("`reply`") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the zone lists what would be published") {
  Catch(kMail);
  const auto document = Parse(Ask("GET", "/x/dev/dns"));
  CHECK(document.Root().Size() == 6);
  CHECK(At(document, 0).Text() == R"({"name":"acme.example","type":"TXT","value":"v=spf1 ip4:127.0.0.1 -all"})");
}
