#include "mailer/delivery/dial_gate.h"

#include <doctest/doctest.h>

#include <thread>

using sealpost::delivery::DialGate;
using sealpost::delivery::DialPermit;

namespace {

constexpr auto kNone = std::chrono::milliseconds(0);
constexpr auto kForever = std::chrono::hours(24);

DialGate GateWith(std::chrono::milliseconds pause) {
  return DialGate(sealpost::base::Backoff{.steps = {pause}, .jitter = 0});
}

DialPermit Enter(DialGate& gate) {
  auto permit = gate.Enter({});
  REQUIRE(permit.has_value());
  return *permit;
}

// Whether somebody else would have to wait at this moment.
bool IsShut(DialGate& gate) {
  std::stop_source stopped;
  stopped.request_stop();
  const auto permit = gate.Enter(stopped.get_token());
  if (permit) {
    gate.Unused(*permit);
  }
  return !permit;
}

}  // namespace

TEST_CASE("the first dial is a probe, and its success opens the gate") {
  DialGate gate = GateWith(kNone);
  const DialPermit first = Enter(gate);
  CHECK(IsShut(gate));
  std::jthread second([&] { gate.Unused(Enter(gate)); });
  gate.Opened(first);
  second.join();
  CHECK_FALSE(IsShut(gate));
}

TEST_CASE("a probe that was not used lets the next one in") {
  DialGate gate = GateWith(kForever);
  gate.Unused(Enter(gate));
  gate.Unused(Enter(gate));
}

TEST_CASE("a failure shuts the gate for the pause and is borne by one job") {
  DialGate gate = GateWith(kForever);
  CHECK(gate.Failed(Enter(gate)));
  CHECK(IsShut(gate));
}

TEST_CASE("of dials that fail together only the first is borne by its job") {
  DialGate gate = GateWith(kForever);
  const DialPermit probe = Enter(gate);
  gate.Opened(probe);
  const DialPermit left = Enter(gate), right = Enter(gate);
  gate.Closed(probe);
  CHECK(gate.Failed(left));
  CHECK_FALSE(gate.Failed(right));
}

TEST_CASE("a failure beside a working connection costs no job an attempt") {
  DialGate gate = GateWith(kForever);
  gate.Opened(Enter(gate));
  CHECK_FALSE(gate.Failed(Enter(gate)));
  CHECK(IsShut(gate));
}

TEST_CASE("after a failure one probes at a time, until a message went through") {
  DialGate gate = GateWith(kNone);
  CHECK(gate.Failed(Enter(gate)));
  const DialPermit probe = Enter(gate);
  CHECK(IsShut(gate));
  gate.Opened(probe);
  CHECK(IsShut(gate));
  gate.Proven(probe);
  CHECK_FALSE(IsShut(gate));
}

TEST_CASE("a probe that fails lets the next one probe") {
  DialGate gate = GateWith(kNone);
  CHECK(gate.Failed(Enter(gate)));
  CHECK(gate.Failed(Enter(gate)));
  const DialPermit probe = Enter(gate);
  gate.Opened(probe);
  gate.Closed(probe);
  gate.Unused(Enter(gate));
}

TEST_CASE("trouble on a connection shuts the gate once, whoever tells of it") {
  DialGate gate = GateWith(kForever);
  const DialPermit first = Enter(gate);
  gate.Opened(first);
  const DialPermit second = Enter(gate);
  gate.Opened(second);
  gate.Troubled(first);
  gate.Troubled(second);
  gate.Closed(first);
  gate.Closed(second);
  CHECK(IsShut(gate));
}

TEST_CASE("a connection from before an outage does not end it") {
  DialGate gate = GateWith(kForever);
  const DialPermit old = Enter(gate);
  gate.Opened(old);
  CHECK_FALSE(gate.Failed(Enter(gate)));
  gate.Proven(old);
  CHECK(IsShut(gate));
}

TEST_CASE("a stop request ends the waiting") {
  DialGate gate = GateWith(kForever);
  CHECK(gate.Failed(Enter(gate)));
  std::stop_source stop;
  std::jthread waiting([&] { CHECK_FALSE(gate.Enter(stop.get_token()).has_value()); });
  stop.request_stop();
}
