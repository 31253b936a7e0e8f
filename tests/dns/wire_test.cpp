#include "dns/wire.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::string U16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
std::string U32(std::uint32_t value) {
  return U16(value >> 16) + U16(value & 0xffff);
}
std::string Str(const std::string& text) {
  return static_cast<char>(text.size()) + text;
}
std::string Header(unsigned flags, unsigned answers = 0, unsigned authorities = 0, unsigned additional = 0) {
  return U16(0x1234) + U16(flags) + U16(1) + U16(answers) + U16(authorities) + U16(additional);
}
// example.com, at offset 12; the pointer kSelf means it.
std::string QuestionBytes(unsigned type) {
  return "\7example\3com\0"s + U16(type) + U16(1);
}
const std::string kSelf = "\xc0\x0c";

std::string Rr(const std::string& owner, unsigned type, const std::string& data, std::uint32_t ttl = 300,
               unsigned record_class = 1) {
  return owner + U16(type) + U16(record_class) + U32(ttl) + U16(static_cast<unsigned>(data.size())) + data;
}

std::expected<Message, std::string> Parse(const std::string& text) {
  // A copy of the exact size on the heap, so that a sanitizer sees the first byte too many.
  const Bytes bytes(text.begin(), text.end());
  return ParseMessage(bytes);
}
Message Good(const std::string& text) {
  auto message = Parse(text);
  REQUIRE_MESSAGE(message.has_value(), (message ? "" : message.error()));
  return *message;
}
std::string Fault(const std::string& text) {
  const auto message = Parse(text);
  REQUIRE_FALSE(message.has_value());
  return message.error();
}
Record OnlyAnswer(unsigned type, const std::string& data) {
  const Message message = Good(Header(0x8180, 1) + QuestionBytes(type) + Rr(kSelf, type, data));
  REQUIRE(message.answers.size() == 1);
  return message.answers.front();
}
std::string Shown(unsigned type, const std::string& data) {
  return Presentation(OnlyAnswer(type, data));
}
std::string DataFault(unsigned type, const std::string& data) {
  return Fault(Header(0x8180, 1) + QuestionBytes(type) + Rr(kSelf, type, data));
}
std::string LabelsOf(std::size_t count, std::size_t length) {
  std::string name;
  for (std::size_t i = 0; i < count; ++i) name += Str(std::string(length, 'x'));
  return name;
}

}  // namespace

TEST_CASE("the header and the question are read") {
  const Message message = Good(Header(0x85a3) + QuestionBytes(16));
  CHECK(message.id == 0x1234);
  CHECK(message.response);
  CHECK(message.authoritative);
  CHECK_FALSE(message.truncated);
  CHECK(message.authenticated);
  CHECK(message.rcode == 3);
  CHECK(message.question == "example.com");
  CHECK(message.question_type == Type::kTxt);
  CHECK(Good(Header(0x8380) + QuestionBytes(16)).truncated);
  CHECK_FALSE(Good(Header(0x0100) + QuestionBytes(16)).response);
}

TEST_CASE("a header alone is a message, as servers answer what they could not read") {
  const Message message = Good(U16(1) + U16(0x8001) + std::string(8, '\0'));
  CHECK(message.rcode == 1);
  CHECK(message.question.empty());
}

TEST_CASE("every type of record is read and shown as a zone file has it") {
  CHECK(Shown(1, "\xc0\x00\x02\x01"s) == "192.0.2.1");
  CHECK(Shown(28, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1") == "2001:db8::1");
  CHECK(Shown(2, "\2ns" + kSelf) == "ns.example.com.");
  CHECK(Shown(5, kSelf) == "example.com.");
  CHECK(Shown(12, "\4mail" + kSelf) == "mail.example.com.");
  CHECK(Shown(15, U16(10) + "\4mail" + kSelf) == "10 mail.example.com.");
  CHECK(Shown(16, Str("v=spf1 a") + Str(" -all")) == R"("v=spf1 a" " -all")");
  CHECK(Shown(99, Str("v=spf1")) == R"("v=spf1")");
  CHECK(Shown(6, "\2ns" + kSelf + "\4root" + kSelf + U32(7) + U32(1) + U32(2) + U32(3) + U32(300)) ==
        "ns.example.com. root.example.com. 7 1 2 3 300");
  CHECK(Shown(52, "\3\1\1\xab\x00\xff"s) == "3 1 1 AB00FF");
  CHECK(Shown(257, "\0\5issueletsencrypt.org"s) == R"(0 issue "letsencrypt.org")");
  CHECK(Shown(1234, "\x0a\x00\x00\x01"s) == R"(\# 4 0A000001)");
  CHECK(Shown(1234, "") == R"(\# 0)");
  CHECK(TypeName(Type::kTxt) == "TXT");
  CHECK(TypeName(static_cast<Type>(1234)) == "TYPE1234");
}

TEST_CASE("a null MX is the root") {
  const Record record = OnlyAnswer(15, "\0\0\0"s);
  CHECK(std::get<Mx>(record.data).exchange.empty());
  CHECK(Presentation(record) == "0 .");
}

TEST_CASE("a TXT record keeps its strings apart and its bytes as they are") {
  const Record record = OnlyAnswer(16, Str("a\0b\xff\n"s) + Str("") + Str(std::string(255, 'x')));
  const Txt& txt = std::get<Txt>(record.data);
  REQUIRE(txt.strings.size() == 3);
  CHECK(txt.strings[0] == "a\0b\xff\n"s);
  CHECK(txt.strings[1].empty());
  CHECK(txt.Joined() == "a\0b\xff\n"s + std::string(255, 'x'));
  CHECK(Shown(16, Str("a\0b\xff\n\"\\ z"s)) == R"("a\000b\255\010\"\\ z")");
  CHECK(std::get<Txt>(OnlyAnswer(16, "").data).strings.empty());
}

TEST_CASE("equal records stay two records, in their order") {
  const std::string one = Rr(kSelf, 16, Str("same"));
  const Message message = Good(Header(0x8180, 3) + QuestionBytes(16) + one + one + Rr(kSelf, 16, Str("other")));
  REQUIRE(message.answers.size() == 3);
  CHECK(std::get<Txt>(message.answers[1].data).Joined() == "same");
  CHECK(std::get<Txt>(message.answers[2].data).Joined() == "other");
}

TEST_CASE("a dot or a backslash inside a label is escaped, other bytes are raw") {
  CHECK(std::get<Host>(OnlyAnswer(12, "\5a.b\\c\1\xff\0"s).data).name == "a\\.b\\\\c.\xff");
  CHECK(Shown(12, "\4a.\"\xff\0"s) == R"(a\.\"\255.)");
}

TEST_CASE("the authority section is kept, the additional one is not") {
  const std::string soa = kSelf + kSelf + U32(1) + U32(2) + U32(3) + U32(4) + U32(60);
  const Message message =
      Good(Header(0x8183, 0, 1, 1) + QuestionBytes(16) + Rr(kSelf, 6, soa, 900) + Rr(kSelf, 1, "\1\2\3\4"));
  CHECK(message.answers.empty());
  REQUIRE(message.authorities.size() == 1);
  CHECK(std::get<Soa>(message.authorities[0].data).minimum == 60);
  CHECK(message.authorities[0].ttl == 900);
}

TEST_CASE("the RCODE is extended by the OPT record") {
  const std::string opt = Rr("\0"s, 41, "", 0x01000000, 1232);
  CHECK(Good(Header(0x8180, 0, 0, 1) + QuestionBytes(16) + opt).rcode == 16);
  CHECK(Good(Header(0x8183, 0, 0, 1) + QuestionBytes(16) + Rr("\0"s, 41, "", 0, 1232)).rcode == 3);
}

TEST_CASE("a TTL with the top bit set is zero") {
  const auto ttl = [](std::uint32_t value) {
    return Good(Header(0x8180, 1) + QuestionBytes(1) + Rr(kSelf, 1, "\1\2\3\4", value)).answers.at(0).ttl;
  };
  CHECK(ttl(0x7fffffff) == 0x7fffffff);
  CHECK(ttl(0x80000000) == 0);
  CHECK(ttl(0xffffffff) == 0);
}

TEST_CASE("records of another class are passed over") {
  const Message message = Good(Header(0x8180, 2) + QuestionBytes(16) +
                               Rr(kSelf, 16,
                                  "\xff"
                                  "garbage",
                                  1, 3) +
                               Rr(kSelf, 16, Str("x")));
  REQUIRE(message.answers.size() == 1);
  CHECK(std::get<Txt>(message.answers[0].data).Joined() == "x");
  CHECK(Fault(Header(0x8180) + "\0"s + U16(16) + U16(3)) == "question: its class is not IN");
}

TEST_CASE("a record's data must be exactly what its type says") {
  CHECK(DataFault(1, "\1\2\3") == "answer 1: it is cut short");
  CHECK(DataFault(1, "\1\2\3\4\5") == "answer 1: bytes are left over in the data");
  CHECK(DataFault(28, std::string(15, 'x')) == "answer 1: it is cut short");
  CHECK(DataFault(28, std::string(17, 'x')) == "answer 1: bytes are left over in the data");
  CHECK(DataFault(5, kSelf + "x") == "answer 1: bytes are left over in the data");
  CHECK(DataFault(5, "\4mail") == "answer 1: the name runs past the end");
  CHECK(DataFault(5, "\xc0") == "answer 1: the name runs past the end");
  CHECK(DataFault(15, "\1") == "answer 1: it is cut short");
  CHECK(DataFault(15, U16(10)) == "answer 1: the name runs past the end");
  CHECK(DataFault(16, "\5abc") == "answer 1: it is cut short");
  CHECK(DataFault(16, Str("abc") + "\1") == "answer 1: it is cut short");
  CHECK(DataFault(6, kSelf + kSelf + std::string(19, 'x')) == "answer 1: it is cut short");
  CHECK(DataFault(52, "\3\1") == "answer 1: it is cut short");
  CHECK(DataFault(257, "\0"s) == "answer 1: it is cut short");
  CHECK(DataFault(257, "\0\0value"s) == "answer 1: the CAA tag is empty");
  CHECK(DataFault(257, "\0\5iss"s) == "answer 1: it is cut short");
}

TEST_CASE("a name inside a record does not reach into what follows it") {
  const std::string second = Rr(kSelf, 1, "\1\2\3\4");
  CHECK(Fault(Header(0x8180, 2) + QuestionBytes(5) + Rr(kSelf, 5, "\4mail") + second) ==
        "answer 1: the name runs past the end");
}

TEST_CASE("compression pointers that loop or point forward are refused") {
  const auto question = [](const std::string& name) { return Fault(Header(0x8180) + name + U16(16) + U16(1)); };
  const char* backwards = "question: a compression pointer does not point backwards";
  CHECK(question("\xc0\x0c") == backwards);        // itself
  CHECK(question("\1a\xc0\x0c") == backwards);     // the name it ends
  CHECK(question("\xc0\x0e\1a\0"s) == backwards);  // forward
  CHECK(question("\xc0\x00"s) == backwards);       // the header
  CHECK(question("\xff\xff") == backwards);        // past the end
  CHECK(question("\x40"
                 "a") == "question: a label has an unknown form");
  CHECK(question("\x80"
                 "a") == "question: a label has an unknown form");
  // Two records that point at each other.
  const std::string head = Header(0x8180, 2) + QuestionBytes(5);
  const std::size_t first = head.size() + 12;
  const std::size_t second = first + 2 + 12;
  CHECK(Fault(head + Rr(kSelf, 5, U16(static_cast<unsigned>(0xc000 | second))) +
              Rr(kSelf, 5, U16(static_cast<unsigned>(0xc000 | first)))) ==
        "answer 1: a compression pointer does not point backwards");
}

TEST_CASE("a chain of pointers backwards is followed, but not for long") {
  const auto chain = [](unsigned records) {
    std::string message = Header(0x8180, records) + QuestionBytes(5);
    std::size_t target = 12;
    for (unsigned i = 0; i < records; ++i) {
      const std::size_t here = message.size() + 12;
      message += Rr(kSelf, 5, U16(static_cast<unsigned>(0xc000 | target)));
      target = here;
    }
    return message;
  };
  CHECK(std::get<Host>(Good(chain(127)).answers.back().data).name == "example.com");
  CHECK(Fault(chain(128)) == "answer 128: the name runs through more than 127 compression pointers");
}

TEST_CASE("a name has 255 bytes at most, also when pointers put it together") {
  const auto read = [](const std::string& name) { return Parse(Header(0x8180) + name + U16(16) + U16(1)); };
  CHECK(read(LabelsOf(3, 63) + Str(std::string(61, 'x')) + "\0"s)->question.size() == 253);
  CHECK(read(LabelsOf(3, 63) + Str(std::string(62, 'x')) + "\0"s).error() ==
        "question: the name is longer than 255 bytes");
  CHECK(read(LabelsOf(127, 1) + "\0"s)->question.size() == 253);
  CHECK(read(LabelsOf(150, 1) + "\0"s).error() == "question: the name is longer than 255 bytes");
  const std::string longest = LabelsOf(3, 63) + Str(std::string(61, 'x')) + "\0"s;
  const std::string head = Header(0x8180, 1) + longest + U16(5) + U16(1);
  CHECK(Fault(head + Rr(kSelf, 5, "\1y" + kSelf)) == "answer 1: the name is longer than 255 bytes");
}

TEST_CASE("what is not one plain query's message is refused") {
  CHECK(Fault("") == "header: it is cut short");
  CHECK(Fault(std::string(11, '\0')) == "header: it is cut short");
  CHECK(Fault(Header(0xa800) + QuestionBytes(16)) == "header: not a standard query");
  CHECK(Fault(U16(1) + U16(0x8180) + U16(2) + std::string(6, '\0') + QuestionBytes(16) + QuestionBytes(16)) ==
        "header: more than one question");
  CHECK(Fault(Header(0x8180, 65535) + QuestionBytes(16)) == "answer 1: the name runs past the end");
  CHECK(Fault(Header(0x8180, 0, 0, 1) + QuestionBytes(16)) == "additional 1: the name runs past the end");
}

TEST_CASE("a message cut short at any byte is refused and read no further") {
  const std::string soa = kSelf + "\4root" + kSelf + U32(1) + U32(2) + U32(3) + U32(4) + U32(60);
  const std::string whole = Header(0x8180, 6, 1, 2) + QuestionBytes(255) + Rr(kSelf, 16, Str("one") + Str("two")) +
                            Rr(kSelf, 15, U16(10) + "\4mail" + kSelf) + Rr("\1a" + kSelf, 28, std::string(16, '\1')) +
                            Rr(kSelf, 52, "\3\1\1hash") + Rr(kSelf, 257, "\0\5issueca"s) + Rr(kSelf, 5, kSelf) +
                            Rr(kSelf, 6, soa) + Rr(kSelf, 1, "\1\2\3\4") + Rr("\0"s, 41, "opts", 0, 1232);
  CHECK(Good(whole).answers.size() == 6);
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(Parse(whole.substr(0, size)).has_value());
}

TEST_CASE("any byte of a message may be any other without harm") {
  const std::string whole = Header(0x8180, 2) + QuestionBytes(15) + Rr(kSelf, 15, U16(10) + "\4mail" + kSelf) +
                            Rr("\1a" + kSelf, 16, Str("one") + Str("two"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const auto message = Parse(changed);
      if (!message) CHECK_FALSE(message.error().empty());
    }
  }
}

TEST_CASE("a message of 64 KiB is read whole") {
  std::string message = Header(0x8180, 253) + QuestionBytes(16);
  for (int i = 0; i < 253; ++i) message += Rr(kSelf, 16, Str(std::string(245, 'x')));
  CHECK(message.size() < 65536);
  CHECK(Good(message).answers.size() == 253);
  CHECK_FALSE(Parse(std::string(65535, '\xff')).has_value());
  CHECK_FALSE(Parse(std::string(65535, '\0')).value_or(Message{}).response);
  CHECK_FALSE(Parse(Header(0x8180, 1) + std::string(65000, '\1')).has_value());
}

TEST_CASE("bytes behind the last record are no harm") {
  CHECK(Good(Header(0x8180) + QuestionBytes(16) + "rest").answers.empty());
}
