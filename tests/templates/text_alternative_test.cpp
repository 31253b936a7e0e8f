#include "templates/text_alternative.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace sealpost::templates;

TEST_CASE("White space collapses and paragraphs stand apart") {
  CHECK(TextAlternative("<p>Hello\n   <b>big</b> world</p><p>Second</p>") == "Hello big world\n\nSecond\n");
  CHECK(TextAlternative("a<br>b<br/>c<br><br><br>d") == "a\nb\nc\n\nd\n");
  CHECK(TextAlternative("<div>a</div><div><div>b</div></div>") == "a\nb\n");
  CHECK(TextAlternative("x <em> y </em> z") == "x y z\n");
  CHECK(TextAlternative("wor<b>d</b>s") == "words\n");
  CHECK(TextAlternative("") == "");
  CHECK(TextAlternative("  <p> </p> ") == "");
}

TEST_CASE("Links show their address once") {
  CHECK(TextAlternative("<a href=\"https://a.example/x?b=1&amp;c=2\">Reset</a> now") ==
        "Reset (https://a.example/x?b=1&c=2) now\n");
  CHECK(TextAlternative("<a href='https://a.example/'>a.example</a>") == "a.example\n");
  CHECK(TextAlternative("<a href=https://a.example/x></a>") == "https://a.example/x\n");
  CHECK(TextAlternative("<a href=\"mailto:me@a.example?subject=x\">Write</a>") == "Write (me@a.example)\n");
  CHECK(TextAlternative("<a href=\"mailto:me@a.example\">me@a.example</a>") == "me@a.example\n");
  CHECK(TextAlternative("<a href=\"#top\">Top</a> <a href=\"javascript:x()\">Bad</a> <a>Bare</a>") == "Top Bad Bare\n");
  CHECK(TextAlternative("<a href=\"https://a/\"><img src=x alt=\"Logo\"></a>") == "Logo (https://a/)\n");
  CHECK(TextAlternative("<a href=\"https://a/\">open") == "open (https://a/)\n");
  CHECK(TextAlternative("<a title = \"a > b\" href = \"https://a/\">x</a>") == "x (https://a/)\n");
}

TEST_CASE("Lists are marked, numbered and indented") {
  CHECK(TextAlternative("<ul><li>one</li><li>two<ul><li>deep</li></ul></li><li><p>three</p></li></ul>after") ==
        "- one\n- two\n  - deep\n- three\n\nafter\n");
  CHECK(TextAlternative("<p>Do:</p><ol><li>one<li>two</ol>") == "Do:\n\n1. one\n2. two\n");
}

TEST_CASE("Headings are underlined in the first two ranks") {
  CHECK(TextAlternative("<h1>Caf\xc3\xa9</h1><p>x</p><h2>Two</h2>y<h3>Three</h3>z") ==
        "Caf\xc3\xa9\n====\n\nx\n\nTwo\n---\n\ny\n\nThree\n\nz\n");
  CHECK(TextAlternative("<h1></h1>x</h1>") == "x\n");
}

TEST_CASE("Rows of tables are lines") {
  CHECK(TextAlternative(
            "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>&euro;&nbsp;3</td></tr></table>") ==
        "Item | Price\nTea | \xe2\x82\xac 3\n");
  CHECK(TextAlternative(
            "<table><tr><td><table><tr><td>laid out</td></tr></table></td></tr><tr><td></td><td>b</td></tr></table>") ==
        "laid out\n\nb\n");
}

TEST_CASE("What is not text is left out") {
  CHECK(TextAlternative(
            "<!doctype html><html><head><title>T</title><style>p{a:'<p>'}</style></head><body>x</body></html>") ==
        "x\n");
  CHECK(TextAlternative("a<script>if (a<b) document.write('</p><p>evil')</script>b") == "ab\n");
  CHECK(TextAlternative("a<SCRIPT>x</sCrIpT >b") == "ab\n");
  CHECK(TextAlternative("a<!-- x <p> -- > -->b<!-- open") == "ab\n");
  CHECK(TextAlternative("<div style=\"display: NONE; x\">pre<div>view</div></div>Hello <span hidden>no</span>you") ==
        "Hello you\n");
  CHECK(TextAlternative("<head><title>never closed<body>x") == "");
  CHECK(TextAlternative("<head><meta charset=utf-8><body>x") == "x\n");
  CHECK(TextAlternative("a&zwnj;&#8203;&shy;b\x01") == "ab\n");
}

TEST_CASE("Preformatted text keeps its lines") {
  CHECK(TextAlternative("x<pre>\n a\n   b\r\n</pre>y") == "x\n\n a\n   b\n\ny\n");
}

TEST_CASE("References are decoded and stray signs stay") {
  CHECK(TextAlternative("1 < 2 &amp;&lt;b&gt; &copy; &nonsense; & 3 > 2") ==
        "1 < 2 &<b> \xc2\xa9 &nonsense; & 3 > 2\n");
  CHECK(TextAlternative("<hr>a<hr/>b") == "----\n\na\n\n----\n\nb\n");
  CHECK(TextAlternative("<") == "<\n");
  CHECK(TextAlternative("</") == "</\n");
  CHECK(TextAlternative("<a") == "");
}

TEST_CASE("Any input gives some text") {
  const std::vector<std::string> pieces = {"<",
                                           ">",
                                           "</",
                                           "<!--",
                                           "-->",
                                           "<p>",
                                           "</p>",
                                           "<a href=\"",
                                           "\"",
                                           "'",
                                           "=",
                                           "<script>",
                                           "</script>",
                                           "<pre>",
                                           "</pre>",
                                           "<li>",
                                           "<ul>",
                                           "</ul>",
                                           "<ol>",
                                           "<h1>",
                                           "</h1>",
                                           "<td>",
                                           "<tr>",
                                           "&",
                                           "&amp;",
                                           "&#x",
                                           ";",
                                           " ",
                                           "\n",
                                           "text",
                                           "\xc3",
                                           "\xa9",
                                           "</a>",
                                           "<a href=https://x>",
                                           "<br>",
                                           "<head>",
                                           "<body>",
                                           "<img alt=",
                                           "<div hidden>",
                                           "</div>",
                                           "<hr>",
                                           std::string(1, '\0')};
  std::uint32_t state = 99;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 8; };
  for (int round = 0; round < 20'000; ++round) {
    std::string html;
    for (std::uint32_t count = next() % 16; count > 0; --count) html += pieces[next() % pieces.size()];
    const std::string text = TextAlternative(html);
    CHECK((text.empty() || text.ends_with('\n')));
    CHECK(text.find('\0') == std::string::npos);
  }
}

TEST_CASE("Long hostile input is read in one pass") {
  for (const char* piece : {"<", "<a", "<a href=\"x", "<!--", "<script>", "&", "<h1>x</h1>", "<li>", "</", "<ul>",
                            "<td>", "<a href=https://x>", "<div hidden>", "&#8203;"}) {
    std::string html;
    while (html.size() < 1'000'000) html += piece;
    CHECK(TextAlternative(html).size() < 60'000'000);
  }
}
