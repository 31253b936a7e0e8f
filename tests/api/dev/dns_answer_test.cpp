#include "api/dev/dns_answer.h"

#include <doctest/doctest.h>

#include <cstdint>

using namespace sealpost;

namespace {

constexpr unsigned kA = 1, kSoa = 6, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28, kAny = 255;

std::string Two(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string Name(const std::string& text) {
  std::string wire;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    wire += static_cast<char>(end - at) + text.substr(at, end - at);
    at = end + 1;
  }
  return wire + '\0';
}

std::string Question(const std::string& name, unsigned type, unsigned klass = 1) {
  return std::string("\x12\x34\x01\0\0\1\0\0\0\0\0\0", 12) + Name(name) + Two(type) + Two(klass);
}

// With an OPT record: the size the asker takes, and its flags (extended code, version, DO).
std::string WithEdns(std::string question, unsigned size, const std::string& flags = std::string(4, '\0')) {
  question[11] = 1;
  return question + std::string("\0\0\x29", 3) + Two(size) + flags + std::string(2, '\0');
}

std::vector<dev::Record> ZoneRecords(std::string_view) {
  return {{"acme.example", "TXT", "v=spf1 ip4:127.0.0.1 -all"},
          {"acme.example", "A", "127.0.0.1"},
          {"Key._domainkey.Acme.example", "TXT", std::string(300, 'k')},
          {"bounce.acme.example", "MX", "10 localhost."},
          {"big.example", "TXT", std::string(600, 'a')},
          {"big.example", "TXT", std::string(900, 'b')},
          {"1.0.0.127.in-addr.arpa", "PTR", "localhost."}};
}

struct Seen {
  unsigned code = 0, answers = 0, authorities = 0, additional = 0, flags = 0;
  std::string behind;  // what follows the question
};

std::string Bytes(const std::string& question, bool tcp = false) {
  const auto answer = dev::AnswerDns(question, tcp, ZoneRecords);
  REQUIRE(answer);
  REQUIRE(answer->size() >= 12);
  CHECK(answer->substr(0, 2) == question.substr(0, 2));
  return *answer;
}

Seen Ask(const std::string& question, bool tcp = false) {
  const std::string answer = Bytes(question, tcp);
  const auto two = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(answer[at]) << 8 |
                                 static_cast<unsigned char>(answer[at + 1]));
  };
  const std::size_t end = 12 + (two(4) == 0 ? 0 : question.find('\0', 12) + 5 - 12);
  return {two(2) & 15, two(6), two(8), two(10), two(2), answer.substr(end)};
}

bool Truncated(const Seen& seen) {
  return (seen.flags & 0x0200) != 0;
}

std::string RecordOf(unsigned type, const std::string& data) {
  return "\xc0\x0c" + Two(type) + Two(1) + std::string("\0\0\1\x2c", 4) + Two(static_cast<unsigned>(data.size())) +
         data;
}

}  // namespace

TEST_CASE("each type is answered in its own form") {
  CHECK(Ask(Question("acme.example", kTxt)).behind == RecordOf(kTxt, "\x19v=spf1 ip4:127.0.0.1 -all"));
  CHECK(Ask(Question("acme.example", kA)).behind == RecordOf(kA, std::string("\x7f\0\0\1", 4)));
  CHECK(Ask(Question("bounce.acme.example", kMx)).behind == RecordOf(kMx, Two(10) + Name("localhost")));
  CHECK(Ask(Question("1.0.0.127.in-addr.arpa", kPtr)).behind == RecordOf(kPtr, Name("localhost")));
  CHECK(Ask(Question("acme.example", kAny)).answers == 2);
  CHECK(Ask(Question("", kSoa)).answers == 1);
}

TEST_CASE("an answer is authoritative, repeats the question and says that it recurses") {
  const std::string question = Question("ACME.example", kTxt);
  const std::string answer = Bytes(question);
  CHECK(answer.substr(2, 2) == "\x85\x80");
  CHECK(answer.substr(12, question.size() - 12) == question.substr(12));
  CHECK(Ask(question).answers == 1);
}

TEST_CASE("a long text comes in strings of 255 bytes") {
  const Seen seen = Ask(Question("key._domainkey.acme.example", kTxt));
  CHECK(seen.behind == RecordOf(kTxt, "\xff" + std::string(255, 'k') + "\x2d" + std::string(45, 'k')));
}

TEST_CASE("a name that has other types, or names below it, exists and has no data") {
  for (const std::string name : {"acme.example", "_domainkey.acme.example", "example", ""}) {
    const Seen seen = Ask(Question(name, kAaaa));
    CAPTURE(name);
    CHECK(seen.code == 0);
    CHECK(seen.answers == 0);
    CHECK(seen.authorities == 1);
    CHECK(seen.behind.substr(0, 3) == std::string("\0\0\6", 3));
  }
}

TEST_CASE("a name of which nothing is known does not exist, and the SOA says for how long") {
  for (const std::string name : {"nothing.example", "cme.example", "x.acme.example", "test"}) {
    const Seen seen = Ask(Question(name, kTxt));
    CAPTURE(name);
    CHECK(seen.code == 3);
    CHECK(seen.answers == 0);
    CHECK(seen.authorities == 1);
    CHECK(seen.behind.ends_with(std::string("\0\0\0\5", 4)));
  }
}

TEST_CASE("a dot within a label separates nothing") {
  std::string question = Question("acme-example", kTxt);
  question[12 + 1 + 4] = '.';
  CHECK(Ask(question).code == 3);
}

TEST_CASE("what does not fit is cut over UDP and whole over TCP") {
  const Seen cut = Ask(Question("big.example", kTxt));
  CHECK(Truncated(cut));
  CHECK(cut.answers == 0);
  CHECK(cut.behind.empty());
  // More than 1232 bytes at once are not sent, whatever the asker takes; fewer than 512 cannot be asked for.
  CHECK(Truncated(Ask(WithEdns(Question("big.example", kTxt), 4096))));
  CHECK_FALSE(Truncated(Ask(WithEdns(Question("key._domainkey.acme.example", kTxt), 10))));
  const Seen whole = Ask(Question("big.example", kTxt), true);
  CHECK_FALSE(Truncated(whole));
  CHECK(whole.answers == 2);
}

TEST_CASE("EDNS is answered with EDNS, another version of it with BADVERS") {
  CHECK(Ask(Question("acme.example", kTxt)).additional == 0);
  const Seen seen = Ask(WithEdns(Question("acme.example", kTxt), 1232, std::string("\0\0\x80\0", 4)));
  CHECK(seen.additional == 1);
  CHECK(seen.behind.ends_with(std::string("\0\0\x29\4\xd0\0\0\x80\0\0\0", 11)));
  const Seen later = Ask(WithEdns(Question("acme.example", kTxt), 1232, std::string("\0\1\0\0", 4)));
  CHECK(later.code == 0);
  CHECK(later.answers == 0);
  CHECK(later.behind == std::string("\0\0\x29\4\xd0\1\0\0\0\0\0", 11));
}

TEST_CASE("what is no question for this zone is refused in its own way") {
  CHECK(Ask(Question("acme.example", kTxt, 3)).code == 5);
  CHECK(Ask(Question("acme.example", 252)).code == 5);
  std::string update = Question("acme.example", kTxt);
  update[2] = 5 << 3;
  CHECK(Ask(update).code == 4);
  std::string two = Question("acme.example", kTxt);
  two[5] = 2;
  CHECK(Ask(two).code == 1);
  CHECK(Ask(std::string("\x12\x34\x01\0\0\0\0\0\0\0\0\0", 12)).code == 1);
  const std::string twice = WithEdns(WithEdns(Question("acme.example", kTxt), 1232), 1232);
  CHECK(Ask(twice.substr(0, 11) + '\2' + twice.substr(12)).code == 1);
}

TEST_CASE("an answer and half a header get no answer") {
  std::string answer = Question("acme.example", kTxt);
  answer[2] = static_cast<char>(0x80);
  CHECK_FALSE(dev::AnswerDns(answer, false, ZoneRecords));
  CHECK_FALSE(dev::AnswerDns("", false, ZoneRecords));
  CHECK_FALSE(dev::AnswerDns(answer.substr(0, 11), true, ZoneRecords));
}

TEST_CASE("whatever is cut off or turned over in a question gets a whole answer or none") {
  const std::string good = WithEdns(Question("key._domainkey.acme.example", kTxt), 1232);
  for (std::size_t at = 0; at < good.size(); ++at) {
    const auto cut = dev::AnswerDns(good.substr(0, at), false, ZoneRecords);
    CHECK(cut.has_value() == (at >= 12));
    for (const unsigned value : {0U, 1U, 0x3fU, 0x40U, 0x80U, 0xc0U, 0xffU}) {
      std::string bent = good;
      bent[at] = static_cast<char>(value);
      const auto answer = dev::AnswerDns(bent, false, ZoneRecords);
      CHECK((!answer || (answer->size() >= 12 && answer->size() <= 1232)));
    }
  }
}

TEST_CASE("a name above 255 bytes and a compressed one are format errors") {
  std::string longest;
  for (int i = 0; i < 130; ++i) longest += "a.";
  CHECK(Ask(Question(longest, kTxt)).code == 1);
  const std::string pointer = std::string("\x12\x34\x01\0\0\1\0\0\0\0\0\0", 12) + "\xc0\x0c" + Two(kTxt) + Two(1);
  CHECK(static_cast<unsigned char>(Bytes(pointer)[3] & 15) == 1);
}
