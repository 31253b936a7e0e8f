#include "api/resources/attachment_reader.h"

#include <doctest/doctest.h>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using sealpost::submit::tests::Good;

namespace {

resources::Read<std::vector<message::Attachment>> ReadAttached(const std::string& attachments) {
  const auto document = Good(base::JsonDocument::Parse(R"({"attachments":)" + attachments + "}"));
  return resources::ReadAttachments(document.Root());
}

submit::Refusal RefusedAttachment(const std::string& attachments) {
  const auto read = ReadAttached(attachments);
  REQUIRE_FALSE(read.has_value());
  return read.error();
}

}  // namespace

TEST_CASE("content comes as base64, as byte numbers or as a buffer") {
  const auto read =
      ReadAttached(R"([{"filename":"a","content":"aGk="},{"filename":"b","content":[104,105]},)"
                   R"({"filename":"c","content":{"type":"Buffer","data":[104,105]}},{"filename":"d","content":""}])");
  REQUIRE(read);
  REQUIRE(read->size() == 4);
  for (int i = 0; i < 3; ++i) CHECK(read->at(static_cast<std::size_t>(i)).content == "hi");
  CHECK(read->at(3).content.empty());
}

TEST_CASE("base64 may be folded and may miss its padding") {
  CHECK(ReadAttached("[{\"filename\":\"a\",\"content\":\"aG\\r\\nk=\"}]")->at(0).content == "hi");
  CHECK(ReadAttached(R"([{"filename":"a","content":"aGk"}])")->at(0).content == "hi");
}

TEST_CASE("the type and the content id are read in both spellings") {
  const auto read = ReadAttached(R"([{"content":"","content_type":"text/plain","content_id":"x"},)"
                                 R"({"content":"","contentType":"text/html","contentId":"y"}])");
  REQUIRE(read);
  CHECK(read->at(0).content_type == "text/plain");
  CHECK(read->at(0).content_id == "x");
  CHECK(read->at(1).content_type == "text/html");
  CHECK(read->at(1).content_id == "y");
}

TEST_CASE("what is no attachment is refused by its index and in the contract's name") {
  for (const std::string bad :
       {R"("x")", R"({})", R"({"filename":"a"})", R"({"content":""})", R"({"filename":"a","content":5})",
        R"({"filename":"a","content":"***"})", R"({"filename":"a","content":[256]})",
        R"({"filename":"a","content":[-1]})", R"({"filename":"a","content":["x"]})",
        R"({"filename":"a","content":{"data":"x"}})", R"({"filename":"a","content":"data:text/plain;base64,aGk="})",
        R"({"filename":5,"content":""})", R"({"filename":"a","content":"","path":"https://example.com"})"}) {
    const submit::Refusal refusal = RefusedAttachment(R"([{"filename":"good","content":""},)" + bad + "]");
    CHECK_MESSAGE(refusal.kind == submit::RefusalKind::kInvalidAttachment, bad);
    CHECK_MESSAGE(refusal.field == "/attachments/1", bad);
  }
}

TEST_CASE("there may be a hundred of them") {
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += R"({"filename":"a","content":""},)";
  CHECK(RefusedAttachment(many + R"({"filename":"a","content":""}])").field == "/attachments");
  many.back() = ']';
  CHECK(ReadAttached(many)->size() == 100);
}

TEST_CASE("none and null are no attachments") {
  CHECK(ReadAttached("null")->empty());
  CHECK(ReadAttached("[]")->empty());
}
