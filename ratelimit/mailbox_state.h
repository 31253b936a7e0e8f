// What is known of a mailbox beside its log: the recipient's own block, refusals by the minute, whether it is under
// attack. admit.lua does the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ratelimit/policy.h"

namespace sealpost::ratelimit {

// The numbers of Policy::Attack in the steps that refusals are counted in: a sixtieth of the longer window.
struct AttackRule {
  std::int64_t step = 60'000;  // ms
  std::size_t enter_steps = 10;
  std::uint32_t enter_count = 20;
  std::uint32_t leave_count = 5;  // in all sixty steps
  explicit AttackRule(const Policy::Attack& attack);
};

// In Redis: blocked_until (6 bytes), attacked_since (6), and once something was refused step (4), refusals (60).
struct MailboxState {
  std::int64_t blocked_until = 0;   // Unix ms; 0 not blocked
  std::int64_t attacked_since = 0;  // Unix ms; 0 not under attack
  std::int64_t step = 0;            // number of the step of the newest refusal
  std::array<std::uint8_t, 60> refusals{};
};

// Refusals in the newest `steps` steps.
std::uint32_t Refusals(const MailboxState& state, const AttackRule& rule, std::size_t steps, std::int64_t now);
// One more; true if the mailbox came under attack by it.
bool CountRefusal(MailboxState& state, const AttackRule& rule, std::int64_t now);
// Ends an attack that has ebbed away; true if it did.
bool Recover(MailboxState& state, const AttackRule& rule, std::int64_t now);

MailboxState ParseMailboxState(std::string_view bytes);

}  // namespace sealpost::ratelimit
