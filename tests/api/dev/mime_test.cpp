#include "api/dev/mime.h"

#include <doctest/doctest.h>

#include <random>

using namespace sealpost::dev;

TEST_CASE("fields are unfolded and found in any case") {
  const Mail mail = ReadMail("Subject: one\r\n two\r\nX-A:b\r\nnonsense\r\n\r\nbody\r\n");
  CHECK(mail.Field("SUBJECT") == "one two");
  CHECK(mail.Field("x-a") == "b");
  CHECK(mail.Field("none").empty());
  CHECK(mail.text == "body\r\n");
  CHECK(mail.head == "Subject: one\r\n two\r\nX-A:b\r\nnonsense\r\n\r\n");
}

TEST_CASE("alternatives inside mixed: text, html and attachments are told apart") {
  const Mail mail = ReadMail(
      "Content-Type: multipart/mixed; boundary=\"out er\"\r\n\r\npreamble\r\n"
      "--out er\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
      "--in\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "caf=E9=\r\n!\r\n--in \r\nContent-Type: text/html\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\nPGI+\r\naGk8L2I+\r\n"
      "--in--\r\n"
      "--out er\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <logo@x>\r\n"
      "Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n"
      "--out er\r\nContent-Disposition: attachment; filename=notes.txt\r\n\r\nnotes\r\n--out er--\r\nepilogue");
  CHECK(mail.text == "caf\u00e9!");
  CHECK(mail.html == "<b>hi</b>");
  REQUIRE(mail.others.size() == 2);
  CHECK(mail.others[0].type == "image/png");
  CHECK(mail.others[0].filename == "x.png");
  CHECK(mail.others[0].content_id == "logo@x");
  CHECK(mail.others[0].content == std::string("\0\1\2", 3));
  CHECK(mail.others[1].filename == "notes.txt");
  CHECK(mail.others[1].content == "notes");
}

TEST_CASE("a multipart without its end still shows its last part") {
  const Mail mail = ReadMail("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nlast words");
  CHECK(mail.text == "last words");
}

TEST_CASE("no bytes at all, and a head without a body") {
  CHECK(ReadMail("").text.empty());
  CHECK(ReadMail("Subject: x").Field("subject") == "x");
  CHECK(ReadMail("\r\nbody").text == "body");
}

TEST_CASE("deep nesting, many parts, many fields and a huge head end at their bounds") {
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep +=
        "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  }
  CHECK(ReadMail(deep + "\r\nx").others.size() <= 1);

  std::string wide = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 5000; ++i) wide += "--b\r\nContent-Type: a/b\r\n\r\nx\r\n";
  CHECK(ReadMail(wide).others.size() < 200);

  std::string fields;
  for (int i = 0; i < 5000; ++i) fields += "A: b\r\n";
  CHECK(ReadMail(fields + "\r\nbody").fields.size() == 1000);
  CHECK(ReadMail(fields + "\r\nbody").text == "body");

  const Mail huge = ReadMail("A: " + std::string(1 << 20, 'x') + "\r\n\r\nbody");
  CHECK(huge.head.size() == 256 * 1024);
  CHECK(huge.text == "body");
}

TEST_CASE("random damage never does more than change what is shown") {
  const std::string whole =
      "Subject: =?utf-8?q?=C3=BC?=\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n"
      "Content-Type: text/plain; charset*=x'y'%41\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b\r\n"
      "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1=\"\\\r\n\r\n=\r\n--b--\r\n";
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (auto n = random() % 6 + 1; n > 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % bytes.size());
    ReadMail(bytes);
  }
}
