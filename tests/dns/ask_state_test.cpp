#include "dns/ask_state.h"

#include <doctest/doctest.h>

#include <string>

#include "dns/name.h"

using namespace sealpost::dns;
using namespace std::chrono_literals;
using Next = AskState::Next;

namespace {

const AskState::Time kStart(1000h);
const Server kFirst = ParseServer("192.0.2.1").value();
const Server kSecond = ParseServer("192.0.2.2").value();

AskState State(std::vector<Server> servers, Deadline deadline = kNoDeadline) {
  CaresOptions options;
  options.first_try = 1s;
  options.rounds = 2;
  options.per_question = 10s;
  return AskState({"a.example", Type::kTxt}, servers, options, deadline);
}

// The bytes of the question with QR and `rcode`.
Reply Rcode(const AskState& state, unsigned rcode) {
  Reply reply{Status::kAnswer, QueryBytes(state.query(), 7), false};
  reply.bytes[2] |= 0x80;
  reply.bytes[3] = static_cast<std::uint8_t>(rcode);
  return reply;
}

}  // namespace

TEST_CASE("silence asks the next server, and all of them again with twice the time") {
  AskState state = State({kFirst, kSecond});
  CHECK(state.Begin(kStart) == Next::kSend);
  CHECK(state.server() == kFirst);
  CHECK(state.due() == kStart + 1s);
  CHECK(state.Expired(kStart + 999ms) == Next::kWait);
  CHECK(state.Expired(kStart + 1s) == Next::kSend);
  CHECK(state.server() == kSecond);
  CHECK(state.Expired(kStart + 2s) == Next::kSend);
  CHECK(state.server() == kFirst);
  CHECK(state.due() == kStart + 4s);
  CHECK(state.Expired(kStart + 4s) == Next::kSend);
  CHECK(state.Expired(kStart + 6s) == Next::kWait);
  CHECK(state.due() == kStart + 10s);
  CHECK(state.Expired(kStart + 10s) == Next::kDone);
  CHECK(state.answer().status == Status::kTimeout);
  CHECK(state.answer().detail == "192.0.2.2:53 did not answer in time");
}

TEST_CASE("a late answer counts, a late failure moves nothing") {
  AskState state = State({kFirst, kSecond});
  state.Begin(kStart);
  const unsigned early = state.attempt();
  state.Expired(kStart + 1s);
  CHECK(state.Heard(early, Rcode(state, 2), kStart + 1s) == Next::kWait);
  CHECK(state.Heard(early, {Status::kUnreachable, {}, false}, kStart + 1s) == Next::kWait);
  CHECK(state.server() == kSecond);
  CHECK(state.Heard(early, Rcode(state, 3), kStart + 1s) == Next::kDone);
  CHECK(state.answer().status == Status::kNxDomain);
  CHECK(state.answer().server == "192.0.2.1:53");
}

TEST_CASE("an answer counts until the limit, however long ago its question was sent") {
  AskState state = State({kFirst});
  state.Begin(kStart);
  const unsigned first = state.attempt();
  CHECK(state.Expired(kStart + 1s) == Next::kSend);
  CHECK(state.Expired(kStart + 3s) == Next::kWait);
  CHECK(state.Heard(first, Rcode(state, 3), kStart + 4s) == Next::kDone);
  CHECK(state.answer().status == Status::kNxDomain);
}

TEST_CASE("once all tries have failed nothing more is waited for") {
  AskState state = State({kFirst});
  state.Begin(kStart);
  const unsigned first = state.attempt();
  state.Expired(kStart + 1s);
  state.Expired(kStart + 3s);
  CHECK(state.Heard(first, {Status::kTimeout, {}, false}, kStart + 4s) == Next::kWait);
  CHECK(state.Heard(state.attempt(), Rcode(state, 2), kStart + 5s) == Next::kDone);
  CHECK(state.answer().status == Status::kServfail);
}

TEST_CASE("a server that gave its word is not asked again") {
  AskState state = State({kFirst, kSecond});
  state.Begin(kStart);
  CHECK(state.Heard(state.attempt(), Rcode(state, 2), kStart) == Next::kSend);
  CHECK(state.server() == kSecond);
  CHECK(state.Expired(kStart + 1s) == Next::kSend);
  CHECK(state.server() == kSecond);
  CHECK(state.Expired(kStart + 3s) == Next::kWait);
  CHECK(state.Expired(kStart + 10s) == Next::kDone);
  CHECK(state.answer().status == Status::kServfail);
}

TEST_CASE("the last word is the answer where all fail") {
  AskState state = State({kFirst, kSecond});
  state.Begin(kStart);
  state.Heard(state.attempt(), Rcode(state, 2), kStart);
  CHECK(state.Heard(state.attempt(), Rcode(state, 5), kStart) == Next::kDone);
  CHECK(state.answer().status == Status::kRefused);
}

TEST_CASE("FORMERR to a question with EDNS is asked again without, once") {
  AskState state = State({kFirst});
  state.Begin(kStart);
  CHECK(state.query().edns);
  CHECK(state.Heard(state.attempt(), Rcode(state, 1), kStart) == Next::kSend);
  CHECK(state.server() == kFirst);
  CHECK_FALSE(state.query().edns);
  CHECK(state.Heard(state.attempt(), Rcode(state, 1), kStart) == Next::kDone);
  CHECK(state.answer().status == Status::kOtherRcode);
}

TEST_CASE("the deadline and the limit end a question in the middle of a try") {
  AskState early = State({kFirst}, kStart + 500ms);
  early.Begin(kStart);
  CHECK(early.due() == kStart + 500ms);
  CHECK(early.Expired(kStart + 500ms) == Next::kDone);
  CHECK(early.answer().status == Status::kTimeout);
  CHECK(early.answer().detail == "192.0.2.1:53 did not answer in time");
  AskState past = State({kFirst}, kStart);
  CHECK(past.Begin(kStart) == Next::kDone);
  CHECK(past.answer().status == Status::kTimeout);
  AskState unsent = State({kFirst}, kStart);
  CHECK(unsent.due() == kStart);
  CHECK(unsent.Expired(kStart) == Next::kDone);
}

TEST_CASE("without a server nothing can be reached, and the answer says what to do") {
  AskState state = State({});
  CHECK(state.Begin(kStart) == Next::kDone);
  CHECK(state.answer().status == Status::kUnreachable);
  CHECK(state.answer().detail == "No DNS server is configured: name one, or list one in /etc/resolv.conf.");
}

TEST_CASE("bytes that are no message say where they break") {
  AskState state = State({kFirst});
  state.Begin(kStart);
  CHECK(state.Heard(state.attempt(), {Status::kAnswer, {1, 2, 3}, false}, kStart) == Next::kDone);
  CHECK(state.answer().status == Status::kMalformed);
  CHECK(state.answer().detail == "header: it is cut short");
}
