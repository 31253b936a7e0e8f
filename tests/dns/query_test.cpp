#include "dns/query.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

std::string BytesOf(const Query& query) {
  const auto bytes = QueryBytes(query, 0x1234);
  return {bytes.begin(), bytes.end()};
}

const std::string kOpt = "\0\0\x29\4\xd0\0\0\0\0\0\0"s;

}  // namespace

TEST_CASE("a question asks for recursion and the AD bit, and offers EDNS 1232 without DO") {
  CHECK(BytesOf({"example.com", Type::kTxt}) == "\x12\x34\1\x20\0\1\0\0\0\0\0\1\7example\3com\0\0\x10\0\1"s + kOpt);
}

TEST_CASE("RD, CD and EDNS are as the question says") {
  CHECK(BytesOf({"a", Type::kCaa, false, true, false}) == "\x12\x34\0\x30\0\1\0\0\0\0\0\0\1a\0\1\1\0\1"s);
}

TEST_CASE("escaped dots and backslashes, NUL and other bytes stand in their label as they are") {
  CHECK(BytesOf({"a\\.b\\\\.\0\xff"s, Type::kA, true, false, false}).substr(12) == "\4a.b\\\2\0\xff\0\0\1\0\1"s);
  const auto bytes = QueryBytes({"a\\.b\\\\.\0\xff"s, Type::kA}, 1);
  CHECK(ParseMessage(bytes)->question == "a\\.b\\\\.\0\xff"s);
}
