#include "mailer/submit/digest_words.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sealpost;
using namespace sealpost::submit;

namespace {

// 2026-01-01T00:00:00Z, each a minute after the one before.
std::vector<Held> Numbered(std::size_t count) {
  std::vector<Held> held;
  for (std::size_t i = 0; i < count; ++i) {
    held.push_back({base::FromMillis(1'767'225'600'000) + std::chrono::minutes(i), "Number " + std::to_string(i + 1)});
  }
  return held;
}

struct Words {
  std::string subject, text, html;
};

Words Render(const std::vector<Held>& held, const std::string& topic = "") {
  const auto parsed = DigestTemplate();
  templates::Object data = DigestWords(held, topic);
  if (!topic.empty()) data["UNSUBSCRIBE_URL"].data = std::string("https://mail.example.com/u/x");
  const auto render = [&](const auto& part, templates::Kind kind) {
    const auto rendered = part->Render(data, kind, parsed->raw_variables);
    REQUIRE_MESSAGE(rendered.has_value(), (rendered ? "" : rendered.error().message));
    return *rendered;
  };
  return {render(parsed->subject, templates::Kind::kText), render(parsed->text, templates::Kind::kText),
          render(parsed->html, templates::Kind::kHtml)};
}

bool Reads(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t Count(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace

TEST_CASE("a digest lists time and subject of each, in the order given") {
  const Words words = Render(Numbered(2));
  CHECK(words.subject == "2 notifications");
  CHECK(Reads(words.text, "\n2026-01-01 00:00  Number 1\n2026-01-01 00:01  Number 2\n"));
  CHECK(words.html.find(">Number 1<") < words.html.find(">Number 2<"));
  CHECK(Reads(words.html, ">2026-01-01 00:01<"));
  for (const std::string* part : {&words.text, &words.html}) {
    CHECK_FALSE(Reads(*part, "more"));
    CHECK_FALSE(Reads(*part, "Stop"));
    CHECK_FALSE(Reads(*part, "href"));
  }
}

TEST_CASE("a hundred are listed and the others counted") {
  CHECK_FALSE(Reads(Render(Numbered(100)).text, "more"));
  const Words words = Render(Numbered(500));
  CHECK(words.subject == "500 notifications");
  for (const std::string* part : {&words.text, &words.html}) {
    CHECK(Count(*part, "Number ") == 100);
    CHECK(Reads(*part, "Number 100"));
    CHECK(Reads(*part, "and 400 more"));
  }
}

TEST_CASE("a digest of a topic names it and brings the one link there is") {
  const Words words = Render(Numbered(2), "News & <offers>");
  CHECK(Reads(words.text, "Stop News & <offers>: https://mail.example.com/u/x\n"));
  CHECK(Reads(words.html, ">Stop News &amp; &lt;offers&gt;</a>"));
  CHECK(Count(words.html, "href=") == 1);
}

TEST_CASE("a subject is text, whatever it holds") {
  const std::string hostile =
      "<a href=\"https://evil.example/\" onclick='x()'>{{UNSUBSCRIBE_URL}} {{{count}}}</a>&amp;</td></table><script>";
  const Words words = Render({{base::FromMillis(0), hostile}, {base::FromMillis(0), "https://evil.example/"}}, "News");
  CHECK(Reads(words.text, hostile));
  CHECK(Reads(words.html,
              "&lt;a href=&quot;https://evil.example/&quot; onclick=&#39;x()&#39;&gt;{{UNSUBSCRIBE_URL}} {{{count}}}"
              "&lt;/a&gt;&amp;amp;&lt;/td&gt;&lt;/table&gt;&lt;script&gt;"));
  CHECK(Count(words.html, "<a ") == 1);
  CHECK(Count(words.html, "https://mail.example.com/u/x") == 1);
  CHECK_FALSE(Reads(words.html, "<script"));
}

TEST_CASE("a line has one line, no control characters, and no marks that turn the text") {
  CHECK(DigestLine("a\r\n\r\nBcc: b\tc  d ") == "a Bcc: b c d");
  CHECK(DigestLine(std::string("a\0b\x1b[31mc\x7f", 10)) == "ab[31mc");
  CHECK(DigestLine("a\xc2\x85z\xe2\x80\xa8z") == "azz");                              // NEL, line separator
  CHECK(DigestLine("\xe2\x80\xaegpj.exe\xe2\x80\xac \xe2\x81\xa6x") == "gpj.exe x");  // override, isolate
  CHECK(DigestLine("a\xff\xc3z\xed\xa0\x80") == "az");                                // not UTF-8
  CHECK(DigestLine("Gr\xc3\xbc\xc3\x9f"
                   "e \xf0\x9f\x98\x80") ==
        "Gr\xc3\xbc\xc3\x9f"
        "e \xf0\x9f\x98\x80");
  for (const std::string nothing : {"", "   ", "\r\n", "\xe2\x80\xae"}) CHECK(DigestLine(nothing) == "(no subject)");
}

TEST_CASE("a long subject is cut between characters") {
  std::string umlauts;
  for (std::size_t i = 0; i < kDigestSubjectAtMost; ++i) umlauts += "\xc3\xbc";
  CHECK(DigestLine(umlauts) == umlauts);
  CHECK(DigestLine(umlauts + "\xc3\xbc") == umlauts + "...");
  CHECK(DigestLine(std::string(998, 'x')).size() == kDigestSubjectAtMost + 3);
}
