#include "mailer/message/attachments.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::message;

namespace {

std::string Fields(const Attachment& attachment, bool is_inline = false) {
  const auto fields = AttachmentFields(attachment, is_inline, "attachments/0");
  return fields ? *fields : "refused: " + fields.error().field;
}

Attachment Named(std::string filename, std::string type = "", std::string id = "") {
  return {std::move(filename), std::move(type), std::move(id), "content"};
}

}  // namespace

TEST_CASE("an ASCII filename stands alone") {
  CHECK(Fields(Named("a b.pdf")) ==
        "Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n filename=\"a b.pdf\"\r\n");
}

TEST_CASE("any other filename has the RFC 2231 form, and an ASCII fallback where old readers look") {
  CHECK(Fields(Named("Größe 1.pdf")) ==
        "Content-Type: application/pdf;\r\n name=\"Gr__e 1.pdf\"\r\n"
        "Content-Disposition: attachment;\r\n filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.pdf\r\n");
  const std::string marks = Fields(Named("a\"b\\c'*%?.txt"));
  CHECK(marks.find("name=\"a_b_c'*__.txt\"\r\n") != std::string::npos);
  CHECK(marks.find("filename*=UTF-8''a%22b_c%27%2A%25%3F.txt\r\n") != std::string::npos);
  CHECK(Fields(Named("é", "text/plain; name=e")).find(" name=\"") == std::string::npos);
}

TEST_CASE("a filename cannot leave its folder, hide its ending or grow without end") {
  CHECK(SafeFilename("../../etc/passwd") == ".._.._etc_passwd");
  CHECK(SafeFilename("C:\\dir\\a.pdf") == "C:_dir_a.pdf");
  CHECK(SafeFilename("..") == "");
  CHECK(SafeFilename(" . ") == "");
  CHECK(SafeFilename("inv\u202Efdp.exe") == "invfdp.exe");
  CHECK(SafeFilename("a\x01\u0085\x7F.pdf") == "a.pdf");
  CHECK(SafeFilename("  a.pdf ") == "a.pdf");
  CHECK(SafeFilename("   ") == "");
  CHECK(SafeFilename(std::string(300, 'a') + ".pdf") == std::string(251, 'a') + ".pdf");
  std::string accents;
  while (accents.size() < 300) accents += "é";
  CHECK(SafeFilename(accents + ".pdf").size() == 254);
  CHECK(SafeFilename("x" + accents + ".pdf").size() == 255);
}

TEST_CASE("an attachment without a usable name is called attachment, an inline one stays nameless") {
  CHECK(Fields(Named("")).find("filename=\"attachment\"") != std::string::npos);
  CHECK(Fields(Named("", "image/png", "logo"), true) ==
        "Content-Type: image/png\r\nContent-Disposition: inline\r\nContent-ID: <logo>\r\n");
}

TEST_CASE("a missing media type is guessed by the extension") {
  CHECK(GuessContentType("a.PDF") == "application/pdf");
  CHECK(GuessContentType("a.tar.gz") == "application/gzip");
  CHECK(GuessContentType("a.zip") == "application/zip");
  CHECK(GuessContentType("a.7z") == "application/x-7z-compressed");
  CHECK(GuessContentType("a.eml") == "application/octet-stream");
  CHECK(GuessContentType("pdf") == "application/octet-stream");
  CHECK(GuessContentType(".pdf") == "application/octet-stream");
  CHECK(GuessContentType("a.") == "application/octet-stream");
  CHECK(Fields(Named("a.csv")).starts_with("Content-Type: text/csv; charset=utf-8\r\n"));
  CHECK(Fields({"a.csv", "", "", "\xFF"}).starts_with("Content-Type: text/csv\r\n"));
}

TEST_CASE("a given media type is taken with its parameters or refused") {
  for (const char* type : {"text/calendar; method=REQUEST; charset=utf-8", "application/pdf", "image/svg+xml",
                           "text/plain;charset=\"a; b\"", "text/plain ; a=b "}) {
    CAPTURE(type);
    CHECK(Fields(Named("a", type)).starts_with("Content-Type: "));
  }
  for (const char* type : {"pdf", "/pdf", "text/", "text/plain;", "text/plain; a", "text/plain; a=", "text/plain; =b",
                           "text/plain; a=\"b", "text/pl\xC3\xA4in", "text/plain\r\nX: y", "text/plain a=b", "a/b/c",
                           "multipart/mixed", "Message/rfc822", "text/plain; a=\"b\"c"}) {
    CAPTURE(type);
    CHECK(Fields(Named("a", type)) == "refused: attachments/0/content_type");
  }
  CHECK(Fields(Named("a", "text/" + std::string(260, 'p'))) == "refused: attachments/0/content_type");
}

TEST_CASE("a content id is taken with or without its brackets") {
  CHECK(Fields(Named("a", "", "<logo@x>")).find("Content-ID: <logo@x>\r\n") != std::string::npos);
  for (const std::string& id : {std::string("a b"), std::string("a>b"), std::string("a\r\nb"), std::string("é"),
                                std::string("<>"), std::string(201, 'a')}) {
    CHECK(Fields(Named("a", "", id)) == "refused: attachments/0/content_id");
  }
}

TEST_CASE("a filename with a line break is refused by name") {
  CHECK(Fields(Named("a\r\nX: y")) == "refused: attachments/0/filename");
  CHECK(Fields(Named("a\xFF")) == "refused: attachments/0/filename");
}
