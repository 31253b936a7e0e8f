#include "mailer/message/caller_headers.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "mailer/message/compose.h"

using namespace sealpost::message;

namespace {

std::string Written(const std::vector<std::pair<std::string, std::string>>& headers, bool has_list = false) {
  std::string out;
  const auto result = AppendCallerHeaders(out, headers, has_list);
  return result ? out : "refused: " + result.error().field;
}

}  // namespace

TEST_CASE("a caller may thread, prioritise and add fields of its own") {
  CHECK(
      Written({{"In-Reply-To", "<a@b>"}, {"References", "<a@b> <c@d>"}, {"X-Team", "Größe"}, {"Precedence", "bulk"}}) ==
      "In-Reply-To: <a@b>\r\nReferences: <a@b> <c@d>\r\nX-Team: =?UTF-8?B?R3LDtsOfZQ==?=\r\nPrecedence: bulk\r\n");
  CHECK(Written({{"X-Empty", ""}}) == "X-Empty:\r\n");
}

TEST_CASE("fields that are ours are refused in any case") {
  for (const char* name : {"From",
                           "fROM",
                           "Sender",
                           "Reply-To",
                           "To",
                           "Cc",
                           "Bcc",
                           "Subject",
                           "Date",
                           "Message-ID",
                           "MIME-Version",
                           "Content-Type",
                           "Content-Foo",
                           "DKIM-Signature",
                           "ARC-Seal",
                           "Received",
                           "Return-Path",
                           "Resent-From",
                           "List-Id",
                           "List-Help",
                           "Auto-Submitted",
                           "Feedback-ID",
                           "Authentication-Results",
                           "X-Sealpost-Category"}) {
    CAPTURE(name);
    CHECK(IsReservedHeader(name));
    CHECK(Written({{name, "x"}}) == "refused: headers/" + std::string(name));
  }
  for (const char* name : {"X-From", "In-Reply-To", "Importance", "List-Unsubscribe", "List-Unsubscribe-Post", "Tos"}) {
    CHECK_FALSE(IsReservedHeader(name));
  }
}

TEST_CASE("a malformed name is refused without being repeated") {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a\r\nb"), std::string("é"),
                                  std::string("a\0b", 3), std::string(77, 'a')}) {
    CHECK(Written({{name, "x"}}) == "refused: headers");
  }
}

TEST_CASE("a name is made of token characters, so that its field can be signed") {
  for (char c = '!'; c <= '~'; ++c) {
    const std::string name = std::string("X") + c;
    CAPTURE(name);
    const bool is_separator = std::string_view("\"(),/:;<=>?@[\\]{}").contains(c);
    CHECK(Written({{name, "v"}}) == (is_separator ? "refused: headers/" + name : name + ": v\r\n"));
  }
  CHECK(Written({{"X;d=evil.com", "v"}}) == "refused: headers/X;d=evil.com");
}

TEST_CASE("a value cannot begin another line") {
  for (const std::string_view value :
       {std::string_view("a\r\nBcc: b@y.com"), std::string_view("a\n b"), std::string_view("a\rb"),
        std::string_view("a\0b", 3), std::string_view("a\xC3")}) {
    CHECK(Written({{"X-A", std::string(value)}}) == "refused: headers/X-A");
  }
}

TEST_CASE("structured fields take ASCII words only, and once") {
  CHECK(Written({{"References", "<ä@b>"}}) == "refused: headers/References");
  CHECK(Written({{"References", std::string(901, 'r')}}) == "refused: headers/References");
  CHECK(Written({{"In-Reply-To", "<a@b>"}, {"in-reply-to", "<c@d>"}}) == "refused: headers/in-reply-to");
}

TEST_CASE("a caller's List-Unsubscribe is taken without a topic if it is made of URIs") {
  CHECK(Written({{"List-Unsubscribe", "<https://x.example/u?a=1&b=2>,  <mailto:u@x.example?subject=stop>"}}) ==
        "List-Unsubscribe: <https://x.example/u?a=1&b=2>,\r\n <mailto:u@x.example?subject=stop>\r\n");
  CHECK(Written({{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}}) ==
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
  for (const char* value : {"", "https://x.example", "<https://x.example> <https://y.example>", "<https://x.example>,",
                            "<javascript:alert(1)>", "<https://x.example/ä>", "<https://x.example/a b>",
                            "x <https://x.example>", "<https:>", "<https://x", "<>"}) {
    CAPTURE(value);
    CHECK(Written({{"List-Unsubscribe", value}}) == "refused: headers/List-Unsubscribe");
  }
  CHECK(Written({{"List-Unsubscribe-Post", "yes"}}) == "refused: headers/List-Unsubscribe-Post");
  CHECK(Written({{"list-unsubscribe", "<https://x.example>"}}, true) == "refused: headers/list-unsubscribe");
  CHECK(Written({{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}}, true) ==
        "refused: headers/List-Unsubscribe-Post");
}

TEST_CASE("a long URI in List-Unsubscribe stays in one piece") {
  const std::string uri = "<https://x.example/" + std::string(800, 'u') + ">";
  CHECK(Written({{"List-Unsubscribe", uri}}) == "List-Unsubscribe: " + uri + "\r\n");
}
