#include "ratelimit/mailbox_state.h"

#include <algorithm>
#include <limits>

#include "ratelimit/big_endian.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::size_t kSteps = 60;

// Held at the newest refusal, should the clock run backward.
std::int64_t StepAt(const MailboxState& state, const AttackRule& rule, std::int64_t now) {
  return std::max(now / rule.step, state.step);
}

}  // namespace

AttackRule::AttackRule(const Policy::Attack& attack)
    : enter_count(std::max(1U, attack.enter.count)), leave_count(std::max(1U, attack.leave.count)) {
  if (attack.enter.mode == Mode::kOff) enter_count = std::numeric_limits<std::uint32_t>::max();
  const auto longer = std::max({attack.enter.window, attack.leave.window, std::chrono::seconds(kSteps)});
  step = std::chrono::milliseconds(longer).count() / static_cast<std::int64_t>(kSteps);
  const std::int64_t enter = std::chrono::milliseconds(attack.enter.window).count();
  enter_steps = static_cast<std::size_t>(std::max<std::int64_t>(1, (enter + step - 1) / step));
}

std::uint32_t Refusals(const MailboxState& state, const AttackRule& rule, std::size_t steps, std::int64_t now) {
  const std::int64_t last = StepAt(state, rule, now);
  std::uint32_t sum = 0;
  for (std::int64_t i = last; i > last - static_cast<std::int64_t>(steps); --i) {
    if (i <= state.step && i > state.step - static_cast<std::int64_t>(kSteps) && i >= 0) {
      sum += state.refusals[static_cast<std::size_t>(i) % kSteps];
    }
  }
  return sum;
}

bool CountRefusal(MailboxState& state, const AttackRule& rule, std::int64_t now) {
  const std::int64_t last = StepAt(state, rule, now);
  const std::int64_t oldest_new = std::max(state.step + 1, last - static_cast<std::int64_t>(kSteps) + 1);
  for (std::int64_t i = oldest_new; i <= last; ++i) state.refusals[static_cast<std::size_t>(i) % kSteps] = 0;
  state.step = last;
  std::uint8_t& cell = state.refusals[static_cast<std::size_t>(last) % kSteps];
  if (cell < 255) ++cell;
  if (state.attacked_since != 0 || Refusals(state, rule, rule.enter_steps, now) < rule.enter_count) return false;
  state.attacked_since = now;
  return true;
}

bool Recover(MailboxState& state, const AttackRule& rule, std::int64_t now) {
  if (state.attacked_since == 0 || Refusals(state, rule, kSteps, now) >= rule.leave_count) return false;
  state.attacked_since = 0;
  return true;
}

MailboxState ParseMailboxState(std::string_view bytes) {
  MailboxState state;
  if (bytes.size() < 12) return state;
  state.blocked_until = static_cast<std::int64_t>(ReadBigEndian(bytes.substr(0, 6)));
  state.attacked_since = static_cast<std::int64_t>(ReadBigEndian(bytes.substr(6, 6)));
  if (bytes.size() < 16 + kSteps) return state;
  state.step = static_cast<std::int64_t>(ReadBigEndian(bytes.substr(12, 4)));
  for (std::size_t i = 0; i < kSteps; ++i) state.refusals[i] = static_cast<std::uint8_t>(bytes[16 + i]);
  return state;
}

}  // namespace sealpost::ratelimit
