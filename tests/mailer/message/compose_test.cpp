#include "mailer/message/compose.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "mailer/message/encoding.h"
#include "tests/mailer/message/gmime_oracle.h"

using namespace sealpost;
using namespace sealpost::message;

namespace {

const std::string kMarker = "MARKER-_" + std::string(36, 'm');

Content Simple() {
  Content content;
  content.from = {"Acme", {"hello", "acme.example"}};
  content.to = {{"", {"jo", "x.example"}}};
  content.subject = "Your code";
  content.text = "The code is 123456.\n";
  content.message_id = "<0123456789abcdef@acme.example>";
  content.date = base::FromMillis(1'795'428'930'000);
  content.boundary_seed = "AAAAAAAAAAAAAAAAAAAAAA";
  content.slot_marker = kMarker;
  return content;
}

model::RawMessage Composed(const Content& content) {
  auto raw = Compose(content);
  REQUIRE_MESSAGE(raw, raw.error().message);
  return std::move(*raw);
}

std::string Refused(const Content& content) {
  const auto raw = Compose(content);
  return raw ? "accepted" : raw.error().field;
}

std::string Shape(const oracle::Part& part) {
  std::string shape = part.type;
  if (!part.children.empty()) {
    shape += "(";
    for (const oracle::Part& child : part.children)
      shape += (&child == &part.children.front() ? "" : ", ") + Shape(child);
    shape += ")";
  }
  return shape;
}

std::string At(const model::RawMessage& raw, model::Span span) {
  return DecodeQuotedPrintable(std::string_view(raw.bytes).substr(span.offset, span.length));
}

Attachment File(std::string name, std::string id = "") {
  return {std::move(name), "", std::move(id), "bytes"};
}

}  // namespace

TEST_CASE("a plain message is exactly these octets") {
  CHECK(Composed(Simple()).bytes ==
        "From: Acme <hello@acme.example>\r\n"
        "To: jo@x.example\r\n"
        "Subject: Your code\r\n"
        "Date: " +
            base::ToRfc5322(base::FromMillis(1'795'428'930'000)) +
            "\r\n"
            "Message-ID: <0123456789abcdef@acme.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "The code is 123456.\r\n");
}

TEST_CASE("a message has only the levels it needs") {
  Content content = Simple();
  const auto shape = [&] { return Shape(oracle::Read(Composed(content).bytes).root); };
  CHECK(shape() == "text/plain");
  content.html = "<p>Hi</p>";
  CHECK(shape() == "multipart/alternative(text/plain, text/html)");
  content.attachments = {File("a.pdf")};
  CHECK(shape() == "multipart/mixed(multipart/alternative(text/plain, text/html), application/pdf)");
  content.attachments = {File("a.pdf"), File("logo.png", "logo")};
  CHECK(shape() ==
        "multipart/mixed(multipart/alternative(text/plain, multipart/related(text/html, image/png)), application/pdf)");
  content.text.clear();
  CHECK(shape() == "multipart/mixed(multipart/related(text/html, image/png), application/pdf)");
  content.attachments = {File("logo.png", "logo")};
  CHECK(shape() == "multipart/related(text/html, image/png)");
  content.attachments.clear();
  CHECK(shape() == "text/html");
}

TEST_CASE("without html an inline attachment is an ordinary one") {
  Content content = Simple();
  content.attachments = {File("logo.png", "logo")};
  const oracle::Message message = oracle::Read(Composed(content).bytes);
  REQUIRE(message.root.children.size() == 2);
  CHECK(message.root.children[1].disposition == "attachment");
}

TEST_CASE("a message with a topic carries the three list fields, unbroken and unencoded") {
  Content content = Simple();
  content.has_list = true;
  content.list = {"https://mail.acme.example/u/" + kMarker, "topic.acme.example", "Große Neuigkeiten"};
  content.feedback_id = "topic:none:receipt:sp0123456789";
  const model::RawMessage raw = Composed(content);
  CHECK(raw.bytes.find("\r\nList-Unsubscribe: <https://mail.acme.example/u/" + kMarker + ">\r\n") != std::string::npos);
  CHECK(raw.bytes.find("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") != std::string::npos);
  CHECK(raw.bytes.find("\r\nFeedback-ID: topic:none:receipt:sp0123456789\r\n") != std::string::npos);
  CHECK(oracle::Read(raw.bytes).Header("List-Id") == "Große Neuigkeiten <topic.acme.example>");
  CHECK(raw.unsubscribe_slots.size() == 1);
}

TEST_CASE("every marker in url, text and html becomes a slot, in ascending order") {
  Content content = Simple();
  content.has_list = true;
  content.list = {"https://mail.acme.example/u/" + kMarker, "topic.acme.example", ""};
  content.text = "Stop: https://mail.acme.example/u/" + kMarker + "\n" + std::string(60, 'x') + kMarker;
  content.html = "<a href=\"https://mail.acme.example/u/" + kMarker + "\">Stop</a>";
  content.attachments = {File("a.pdf")};
  const model::RawMessage raw = Composed(content);
  REQUIRE(raw.unsubscribe_slots.size() == 4);
  const std::string token(kMarker.size(), 'T');
  const std::string filled = model::FillSlots(raw, token);
  CHECK(filled.size() == raw.bytes.size());
  CHECK(filled.find(kMarker) == std::string::npos);
  const oracle::Message message = oracle::Read(filled);
  CHECK(message.Header("List-Unsubscribe") == "<https://mail.acme.example/u/" + token + ">");
  const oracle::Part& alternative = message.root.children.at(0);
  CHECK(alternative.children.at(0).content.find("Stop: https://mail.acme.example/u/" + token) == 0);
  CHECK(alternative.children.at(1).content.find("u/" + token + "\"") != std::string::npos);
}

TEST_CASE("the spans give text and html back") {
  Content content = Simple();
  content.text = "Grüße\n\n.dot\nFrom me \nno end";
  content.html = "<p>Grüße=</p>";
  content.attachments = {File("a.pdf")};
  const model::RawMessage raw = Composed(content);
  CHECK(At(raw, raw.text_part) == "Grüße\r\n\r\n.dot\r\nFrom me \r\nno end");
  CHECK(At(raw, raw.html_part) == content.html);
  content.html.clear();
  content.attachments.clear();
  const model::RawMessage plain = Composed(content);
  CHECK(At(plain, plain.text_part) == "Grüße\r\n\r\n.dot\r\nFrom me \r\nno end");
  CHECK(plain.html_part == model::Span{});
  CHECK(plain.bytes.ends_with("no end\r\n"));
}

TEST_CASE("an address outside ASCII marks the message, a name outside ASCII does not") {
  Content content = Simple();
  content.to[0].name = "Jörg";
  CHECK_FALSE(Composed(content).smtputf8);
  content.to[0].address.local = "jörg";
  const model::RawMessage raw = Composed(content);
  CHECK(raw.smtputf8);
  CHECK(raw.bytes.find("<jörg@x.example>") != std::string::npos);
}

TEST_CASE("nothing can start a header line of its own") {
  for (const std::string_view bad :
       {std::string_view("a\r\nBcc: b@y.com"), std::string_view("a\nb"), std::string_view("a\rb"),
        std::string_view("a\0b", 3), std::string_view("a\xFF")}) {
    const std::string value(bad);
    Content content = Simple();
    content.subject = value;
    CHECK(Refused(content) == "subject");
    content = Simple();
    content.from.name = value;
    CHECK(Refused(content) == "from");
    content = Simple();
    content.to.push_back({"", {value, "x.example"}});
    CHECK(Refused(content) == "to/1");
    content = Simple();
    content.cc.push_back({value, {"a", "x.example"}});
    CHECK(Refused(content) == "cc/0");
    content = Simple();
    content.reply_to.push_back({"", {"a", value}});
    CHECK(Refused(content) == "reply_to/0");
    content = Simple();
    content.headers = {{"X-A", value}};
    CHECK(Refused(content) == "headers/X-A");
    content = Simple();
    content.attachments = {File("a.pdf"), File(value)};
    CHECK(Refused(content) == "attachments/1/filename");
    content = Simple();
    content.has_list = true;
    content.list = {"https://x.example/" + value, "t.example", ""};
    CHECK(Refused(content) == "list/unsubscribe_url");
    content.list = {"https://x.example/", "t.example", value};
    CHECK(Refused(content) == "list/list_name");
    content.list = {"https://x.example/", value, ""};
    CHECK(Refused(content) == "list/list_id");
  }
}

TEST_CASE("bodies may hold line breaks but neither NUL nor broken UTF-8") {
  Content content = Simple();
  content.text = std::string("a\0b", 3);
  CHECK(Refused(content) == "text");
  content = Simple();
  content.html = "\xED\xA0\x80";
  CHECK(Refused(content) == "html");
  content = Simple();
  content.text.clear();
  CHECK(Refused(content) == "text");
}

TEST_CASE("a header above 64 KiB is refused, one just below is sent") {
  Content content = Simple();
  content.headers = {{"X-A", std::string(70'000, 'x')}};
  CHECK(Refused(content) == "headers");
  content.headers = {{"X-A", std::string(40'000, 'x')}};
  CHECK(Refused(content) == "accepted");
}

TEST_CASE("what the program itself makes is checked too") {
  Content content = Simple();
  content.message_id = "<a b@c>";
  CHECK(Refused(content) == "message_id");
  content = Simple();
  content.boundary_seed = "short";
  CHECK(Refused(content) == "boundary_seed");
  content = Simple();
  content.slot_marker = std::string(76, 'm');
  CHECK(Refused(content) == "slot_marker");
  content = Simple();
  content.feedback_id = "a b";
  CHECK(Refused(content) == "feedback_id");
  content = Simple();
  content.has_list = true;
  content.list = {"mailto:u@x.example", "t.example", ""};
  CHECK(Refused(content) == "list/unsubscribe_url");
}

TEST_CASE("a caller's List-Unsubscribe gives way to the topic") {
  Content content = Simple();
  content.headers = {{"List-Unsubscribe", "<https://x.example/u>"}};
  CHECK(Refused(content) == "accepted");
  content.has_list = true;
  content.list = {"https://x.example/u/" + kMarker, "t.example", ""};
  CHECK(Refused(content) == "headers/List-Unsubscribe");
}
