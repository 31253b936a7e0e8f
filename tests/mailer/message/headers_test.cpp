#include "mailer/message/headers.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace sealpost;
using namespace sealpost::message;

namespace {

std::string FieldOf(std::string_view value, std::string_view name = "Subject") {
  std::string out;
  AppendText(out, name, value);
  return out;
}

std::string Mailboxes(const std::vector<model::Mailbox>& mailboxes) {
  std::string out;
  AppendMailboxes(out, "To", mailboxes);
  return out;
}

std::size_t LongestLine(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("plain ASCII stays as it is") {
  CHECK(FieldOf("Hello there") == "Subject: Hello there\r\n");
  CHECK(FieldOf("  Hello   there\t ") == "Subject: Hello   there\r\n");
  CHECK(FieldOf("") == "Subject:\r\n");
  CHECK(FieldOf(" \t ") == "Subject:\r\n");
  CHECK(FieldOf("100% =sure= ?=") == "Subject: 100% =sure= ?=\r\n");
}

TEST_CASE("only the words that need it are encoded, neighbours as one text") {
  CHECK(FieldOf("Grüße aus Köln") == "Subject: =?UTF-8?B?R3LDvMOfZQ==?= aus =?UTF-8?B?S8O2bG4=?=\r\n");
  CHECK(FieldOf("é é") == "Subject: =?UTF-8?B?w6kgw6k=?=\r\n");
  CHECK(FieldOf("Geschäftsbericht") == "Subject: =?UTF-8?Q?Gesch=C3=A4ftsbericht?=\r\n");
  CHECK(FieldOf("日本語 日本語") == "Subject: =?UTF-8?B?5pel5pys6KqeIOaXpeacrOiqng==?=\r\n");
}

TEST_CASE("text that looks encoded is encoded, so that it is read as typed") {
  CHECK(FieldOf("=?UTF-8?Q?a?=") == "Subject: =?UTF-8?B?PT9VVEYtOD9RP2E/PQ==?=\r\n");
}

TEST_CASE("lines fold at white space, never after the name") {
  const std::string words =
      FieldOf("word word word word word word word word word word word word word word word word word");
  CHECK(LongestLine(words) <= 76);
  CHECK(words.find("\r\n word") != std::string::npos);
  const std::string url(500, 'u');
  CHECK(FieldOf(url) == "Subject: " + url + "\r\n");
  CHECK(FieldOf("a " + url) == "Subject: a\r\n " + url + "\r\n");
  CHECK(LongestLine(FieldOf(std::string(2000, 'u'))) <= 76);
  CHECK(LongestLine(FieldOf("a" + std::string(3000, ' ') + "b")) <= 76);
  CHECK(LongestLine(FieldOf(std::string(900, 'u'), std::string(76, 'n'))) <= 998);
}

TEST_CASE("encoded-words have at most 75 characters and whole UTF-8 characters") {
  for (const char* piece : {"é", "日", "😀", "ab é "}) {
    std::string value;
    while (value.size() < 400) value += piece;
    for (std::size_t name = 1; name < 77; ++name) {
      const std::string field = FieldOf(value, std::string(name, 'N'));
      CHECK(LongestLine(field) <= std::max<std::size_t>(76, name + 42));
      for (std::size_t at = field.find("=?"); at != std::string::npos;) {
        const std::size_t end = field.find("?=", at + 10);
        CHECK(end + 2 - at <= 75);
        at = field.find("=?UTF-8", end + 2);
      }
    }
  }
}

TEST_CASE("only the last base64 word of a text is padded") {
  std::string value = "a";
  for (int i = 0; i < 60; ++i) value += "日";
  const std::string field = FieldOf(value);
  CHECK(field.starts_with("Subject: =?UTF-8?Q?a=E6=97=A5"));
  CHECK(field.find("?B?") != std::string::npos);
  const std::size_t padding = field.find("=?=\r\n ");
  CHECK(padding == std::string::npos);
}

TEST_CASE("display names are atoms, quoted or encoded; addresses never are") {
  CHECK(Mailboxes({}) == "");
  CHECK(Mailboxes({{"", {"a", "x.com"}}}) == "To: a@x.com\r\n");
  CHECK(Mailboxes({{"Jo Doe", {"a", "x.com"}}, {"", {"b", "y.com"}}}) == "To: Jo Doe <a@x.com>, b@y.com\r\n");
  CHECK(Mailboxes({{"Do, \"Jo\"", {"a", "x.com"}}}) == "To: \"Do, \\\"Jo\\\"\" <a@x.com>\r\n");
  CHECK(Mailboxes({{"Jörg (x)", {"a", "x.com"}}}) == "To: =?UTF-8?B?SsO2cmcgKHgp?= <a@x.com>\r\n");
  CHECK(Mailboxes({{"=?UTF-8?Q?a?=", {"a", "x.com"}}}).find("=?UTF-8?Q?a?=") == std::string::npos);
  CHECK(Mailboxes({{"", {"jörg", "x.com"}}}) == "To: jörg@x.com\r\n");
  std::vector<model::Mailbox> many(50, {"Some Body", {"somebody", "example.com"}});
  CHECK(LongestLine(Mailboxes(many)) <= 76);
  CHECK(LongestLine(Mailboxes({{std::string(3000, 'n'), {"a", "x.com"}}})) <= 76);
}

TEST_CASE("structured values are never encoded and fold between words only") {
  std::string out;
  AppendWords(out, "References", "<a@b>   <c@d>\t" + std::string("<") + std::string(100, 'e') + "@f>");
  CHECK(out == "References: <a@b> <c@d>\r\n <" + std::string(100, 'e') + "@f>\r\n");
}

TEST_CASE("a phrase stands before its token in angle brackets") {
  std::string out;
  AppendPhraseAndToken(out, "List-Id", "News, weekly", "t.example.com");
  AppendPhraseAndToken(out, "List-Id", "", "t.example.com");
  CHECK(out == "List-Id: \"News, weekly\" <t.example.com>\r\nList-Id: <t.example.com>\r\n");
}
