#include "dns/answer_reader.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;

namespace {

Message EmptyReply(unsigned rcode = 0) {
  Message message;
  message.response = true;
  message.rcode = rcode;
  message.question = "a.example";
  message.question_type = Type::kTxt;
  return message;
}
Record TxtAt(const std::string& name, const std::string& text, std::uint32_t ttl = 300) {
  return {name, Type::kTxt, ttl, Txt{{text}}};
}
Record Alias(const std::string& name, const std::string& target, std::uint32_t ttl = 300) {
  return {name, Type::kCname, ttl, Host{target}};
}
Record SoaAt(const std::string& name, std::uint32_t ttl, std::uint32_t minimum) {
  Soa soa;
  soa.minimum = minimum;
  return {name, Type::kSoa, ttl, soa};
}
Record NsAt(const std::string& name) {
  return {name, Type::kNs, 300, Host{"ns.example"}};
}
Reading ReadMessage(const Message& message) {
  return ReadAnswer("A.Example", Type::kTxt, message);
}

}  // namespace

TEST_CASE("the records of the type at the name are the answer, in order and with duplicates") {
  Message message = EmptyReply();
  message.answers = {TxtAt("A.EXAMPLE", "1", 60), TxtAt("other.example", "2"), TxtAt("a.example", "3"),
                     TxtAt("a.example", "3")};
  message.answers.push_back({"a.example", Type::kMx, 1, Mx{}});
  const Reading reading = ReadMessage(message);
  CHECK(reading.status == Status::kAnswer);
  REQUIRE(reading.records.size() == 3);
  CHECK(std::get<Txt>(reading.records[0].data).Joined() == "1");
  CHECK(reading.ttl == 60);
}

TEST_CASE("a message that answers another question is malformed") {
  Message message = EmptyReply();
  message.answers = {TxtAt("a.example", "1")};
  message.question = "b.example";
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.question = "";
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.question = "a.example";
  message.question_type = Type::kA;
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.question_type = Type::kTxt;
  message.response = false;
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.response = true;
  message.truncated = true;
  CHECK(ReadMessage(message).status == Status::kMalformed);
}

TEST_CASE("the RCODE decides before anything else, also where the question is not repeated") {
  Message bare;
  bare.response = true;
  const struct {
    unsigned rcode;
    Status status;
    const char* detail;
  } cases[] = {{1, Status::kOtherRcode, "the server answers FORMERR"},
               {2, Status::kServfail, ""},
               {4, Status::kOtherRcode, "the server answers NOTIMP"},
               {5, Status::kRefused, ""},
               {16, Status::kOtherRcode, "the server answers BADVERS"},
               {77, Status::kOtherRcode, "the server answers RCODE 77"}};
  for (const auto& c : cases) {
    bare.rcode = c.rcode;
    CHECK(ReadMessage(bare).status == c.status);
    CHECK(ReadMessage(bare).detail == c.detail);
  }
}

TEST_CASE("nothing is no such record or no such name, for as long as the SOA says") {
  Message message = EmptyReply();
  CHECK(ReadMessage(message).status == Status::kNoData);
  CHECK(ReadMessage(message).ttl == 0);
  message.authorities = {SoaAt("example", 900, 60)};
  CHECK(ReadMessage(message).ttl == 60);
  message.authorities = {SoaAt("example", 30, 60)};
  CHECK(ReadMessage(message).ttl == 30);
  message.authorities = {SoaAt("elsewhere", 30, 60)};
  CHECK(ReadMessage(message).ttl == 0);
  message.rcode = 3;
  CHECK(ReadMessage(message).status == Status::kNxDomain);
}

TEST_CASE("a referral is no denial") {
  Message message = EmptyReply();
  message.authorities = {NsAt("example")};
  CHECK(ReadMessage(message).status == Status::kRefused);
  message.authorities.push_back(SoaAt("example", 1, 1));
  CHECK(ReadMessage(message).status == Status::kNoData);
  message.authorities.pop_back();
  message.authoritative = true;
  CHECK(ReadMessage(message).status == Status::kNoData);
}

TEST_CASE("a chain of aliases is followed in whatever order it comes, and its TTL counts") {
  Message message = EmptyReply();
  message.answers = {TxtAt("c.example", "end"), Alias("B.example", "c.example", 20), Alias("a.example", "b.example")};
  const Reading reading = ReadMessage(message);
  CHECK(reading.status == Status::kAnswer);
  CHECK(reading.aliases == std::vector<std::string>{"b.example", "c.example"});
  CHECK(reading.ttl == 20);
  CHECK_FALSE(reading.open);
}

TEST_CASE("a chain that ends without the record is closed by a SOA or NXDOMAIN, otherwise open") {
  Message message = EmptyReply();
  message.answers = {Alias("a.example", "b.test")};
  CHECK(ReadMessage(message).open);
  CHECK(ReadMessage(message).status == Status::kNoData);
  message.authorities = {NsAt("test")};
  CHECK(ReadMessage(message).open);
  message.authorities = {SoaAt("example", 60, 60)};  // says nothing about the target
  CHECK(ReadMessage(message).open);
  message.authorities = {SoaAt("test", 60, 50)};
  CHECK_FALSE(ReadMessage(message).open);
  CHECK(ReadMessage(message).ttl == 50);
  message = EmptyReply(3);
  message.answers = {Alias("a.example", "b.test")};
  CHECK_FALSE(ReadMessage(message).open);
  CHECK(ReadMessage(message).status == Status::kNxDomain);
}

TEST_CASE("a chain that loops, forks or is longer than sixteen is malformed") {
  Message message = EmptyReply();
  message.answers = {Alias("a.example", "A.example")};
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.answers = {Alias("a.example", "b.example"), Alias("b.example", "a.example")};
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.answers = {Alias("a.example", "b.example"), Alias("a.example", "c.example")};
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.answers = {Alias("a.example", "b.example"), Alias("a.example", "B.example"), TxtAt("b.example", "x")};
  CHECK(ReadMessage(message).status == Status::kAnswer);
  for (const int length : {16, 17}) {
    message.answers = {Alias("a.example", "1.example")};
    for (int i = 1; i < length; ++i)
      message.answers.push_back(Alias(std::to_string(i) + ".example", std::to_string(i + 1) + ".example"));
    message.answers.push_back(TxtAt(std::to_string(length) + ".example", "x"));
    CHECK(ReadMessage(message).status == (length == 16 ? Status::kAnswer : Status::kMalformed));
  }
}

TEST_CASE("whoever asks for an alias gets it and not its target") {
  Message message = EmptyReply();
  message.question_type = Type::kCname;
  message.answers = {Alias("a.example", "b.example")};
  const Reading reading = ReadAnswer("a.example", Type::kCname, message);
  CHECK(reading.status == Status::kAnswer);
  CHECK(reading.aliases.empty());
}

TEST_CASE("records of another name do not say that there are none of this one") {
  Message message = EmptyReply();
  message.answers = {TxtAt("b.example", "x")};
  CHECK(ReadMessage(message).status == Status::kMalformed);
  message.answers = {Alias("a.example", "b.example"), TxtAt("c.example", "x")};
  CHECK(ReadMessage(message).status == Status::kMalformed);
}
