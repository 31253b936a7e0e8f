#include "mailer/store/email_details.h"

#include <doctest/doctest.h>

using namespace sealpost;
using namespace sealpost::store;

TEST_CASE("every member of the details is read back as it was written") {
  model::Email email;
  email.message_id = "<a@b.example>";
  email.subject = "Größe \"x\" \\ \n \x01 \xF0\x9F\x93\xAC";
  email.template_id = "template";
  email.from = {"Ann, \"the\" boss", {"\"a@b c\"", "example.com"}};
  email.to = {{"", {"one", "example.org"}}, {"Two", {"zwö", "xn--bcher-kva.example"}}};
  email.cc = {{"C", {"c", "example.org"}}};
  email.bcc = {{"B", {"b", "example.org"}}};
  email.reply_to = {{"R", {"r", "example.org"}}, {"", {"r2", "example.org"}}};
  email.tags = {{"category", "welcome"}, {"empty", ""}};
  email.extras.trust = "device";
  email.extras.recipient_confirmed = true;
  email.extras.client_ip = "192.0.2.1";
  email.extras.user_id = "user";
  email.extras.dedupe_key = "dedupe";
  email.extras.priority = "high";
  email.extras.metadata = R"({"a": [1, 2.50], "b":null})";
  email.extras.workspace_id = "workspace";
  email.extras.workspace_verified = true;
  email.raw.unsubscribe_slots = {1, 200, 30'000'000};
  email.raw.text_part = {7, 8};
  email.raw.html_part = {90, 100};
  email.raw.smtputf8 = true;

  model::Email read;
  REQUIRE(ReadDetails(WriteDetails(email), read));
  CHECK(read.message_id == email.message_id);
  CHECK(read.subject == email.subject);
  CHECK(read.template_id == email.template_id);
  CHECK(read.from == email.from);
  CHECK(read.to == email.to);
  CHECK(read.cc == email.cc);
  CHECK(read.bcc == email.bcc);
  CHECK(read.reply_to == email.reply_to);
  REQUIRE(read.tags.size() == 2);
  CHECK(read.tags[0].name == "category");
  CHECK(read.tags[0].value == "welcome");
  CHECK(read.tags[1].value.empty());
  CHECK(read.extras.trust == "device");
  CHECK(read.extras.recipient_confirmed);
  CHECK(read.extras.client_ip == "192.0.2.1");
  CHECK(read.extras.user_id == "user");
  CHECK(read.extras.dedupe_key == "dedupe");
  CHECK(read.extras.priority == "high");
  CHECK(read.extras.metadata == email.extras.metadata);
  CHECK(read.extras.workspace_id == "workspace");
  CHECK(read.extras.workspace_verified);
  CHECK(read.raw.unsubscribe_slots == email.raw.unsubscribe_slots);
  CHECK(read.raw.text_part == email.raw.text_part);
  CHECK(read.raw.html_part == email.raw.html_part);
  CHECK(read.raw.smtputf8);
}

TEST_CASE("an email with nothing in it is read back empty") {
  model::Email read;
  REQUIRE(ReadDetails(WriteDetails(model::Email{}), read));
  CHECK(read.subject.empty());
  CHECK(read.to.empty());
  CHECK(read.raw.text_part == model::Span{});
  CHECK(!read.raw.smtputf8);
}

TEST_CASE("a text that is no JSON is an error of the store") {
  model::Email email;
  CHECK(ReadDetails("{", email).error().kind == base::ErrorKind::kInternal);
  // Members of a later program are passed over, missing ones stay empty.
  CHECK(ReadDetails(R"({"later": 1, "to": "odd"})", email));
  CHECK(email.to.empty());
}

TEST_CASE("an address is split at its last @") {
  CHECK(SplitAddress("\"a@b\"@example.org") == model::Address{"\"a@b\"", "example.org"});
  CHECK(SplitAddress("none") == model::Address{"none", ""});
}
