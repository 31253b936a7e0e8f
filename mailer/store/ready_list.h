// The jobs in memory, by the time they are due. One process owns a SQLite file, so a claim is simply "taken out
// of this list"; the rows stay the truth for a restart.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/model/email.h"

namespace sealpost::store {

// Thread safe. No call but Wake looks at more than it gives out and what is held for the same mailbox: half a million
// jobs wait behind the one lock.
class ReadyList {
 public:
  // Keeps contents in memory up to `content_bytes` in all; beyond that a job is kept without its content.
  ReadyList(const base::Clock& clock, std::size_t content_bytes);
  ~ReadyList();

  void Put(model::Job job);
  // The next due job; waits until there is one, `wait` is over (zero: there is one at this moment or not), or stop is
  // asked for.
  std::optional<model::Job> Take(std::stop_token stop, std::chrono::milliseconds wait);
  // The same for jobs that stand for each other: together with the one that is taken all others leave the list, due or
  // not, that are held (`held_by`) for its mailbox and go with it, before anybody else can take one of them; they are
  // put behind `with_it` in the order of their time. Asked of the job and itself first, so that a job that goes alone
  // costs no look at the others. Brief: called under the lock.
  using GoesWith = std::function<bool(const model::Job& taken, const model::Job& other)>;
  std::optional<model::Job> Take(std::stop_token stop, std::chrono::milliseconds wait, const GoesWith& goes_with,
                                 std::vector<model::Job>& with_it);
  // All jobs of an email that are scheduled (their state), in the order of their time: they belong to the caller then,
  // as if taken.
  std::vector<model::Job> TakeScheduled(std::string_view email_id);
  std::size_t Size() const;  // due and not yet due
  // Wakes every waiter, so that it looks at the clock again (manual clocks in tests).
  void Wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::store
