#include "mailer/message/mime.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace sealpost;
using namespace sealpost::message;

namespace {

std::string Entity(const Part& root) {
  std::string out;
  AppendEntity(out, root, "seedseedseedseed", "");
  return out;
}

}  // namespace

TEST_CASE("a multipart of one part is that part") {
  std::vector<Part> one = {TextPart("plain", "a", nullptr)};
  const Part part = Multipart("mixed", std::move(one));
  CHECK(part.children.empty());
  CHECK(Entity(part) ==
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na\r\n");
}

TEST_CASE("nested multiparts have boundaries of their own and close in order") {
  const std::string html = "<p>", data = "x", text = "a";
  std::vector<Part> inner = {TextPart("html", html, nullptr), DataPart("Content-Type: image/png\r\n", data)};
  std::vector<Part> outer = {TextPart("plain", text, nullptr), Multipart("related", std::move(inner))};
  CHECK(Entity(Multipart("alternative", std::move(outer))) ==
        "Content-Type: multipart/alternative;\r\n boundary=\"=_1_seedseedseedseed\"\r\n"
        "\r\n--=_1_seedseedseedseed\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na"
        "\r\n--=_1_seedseedseedseed\r\n"
        "Content-Type: multipart/related;\r\n boundary=\"=_2_seedseedseedseed\";\r\n type=\"text/html\"\r\n"
        "\r\n--=_2_seedseedseedseed\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>"
        "\r\n--=_2_seedseedseedseed\r\n"
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\neA=="
        "\r\n--=_2_seedseedseedseed--"
        "\r\n--=_1_seedseedseedseed--\r\n");
}

TEST_CASE("a text cannot close the multipart it is in") {
  const std::string text = "\r\n--=_1_seedseedseedseed--\r\nContent-Type: text/html\r\n";
  std::vector<Part> parts = {TextPart("plain", text, nullptr), TextPart("html", text, nullptr)};
  const std::string entity = Entity(Multipart("alternative", std::move(parts)));
  CHECK(entity.find("--=_1_seedseedseedseed--") == entity.rfind("--=_1_seedseedseedseed--"));
}

TEST_CASE("a span covers exactly the encoded text") {
  model::Span span;
  const std::string text = "a=b";
  const std::string entity = Entity(TextPart("plain", text, &span));
  CHECK(entity.substr(span.offset, span.length) == "a=3Db");
}
