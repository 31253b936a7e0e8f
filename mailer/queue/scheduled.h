// What may still be done about an email that waits for its time: move it, or cancel it. As a whole, all its mailboxes.
//
// Whoever takes its jobs out of the list owns them, so a lane that has one already and this exclude each other: either
// the change is on disk before the answer and nothing of the email is dialled before it, or nothing is changed.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/queue/dispatcher.h"
#include "mailer/store/database.h"

namespace sealpost::queue {

// Thread safe.
class Scheduled {
 public:
  Scheduled(Dispatcher& dispatcher, store::Database& database, const base::Clock& clock, Uncharge uncharge)
      : dispatcher_(dispatcher), database_(database), clock_(clock), uncharge_(std::move(uncharge)) {}

  // Durable when they return. kConflict where it is not scheduled (any more), or a lane has it at this moment; the
  // message says which. kUnavailable: not written, and it goes at its old time.
  base::Result<void> Move(const std::string& email_id, base::Time scheduled_at);
  base::Result<void> Cancel(const std::string& email_id);

 private:
  base::Result<std::vector<model::Job>> Take(const std::string& email_id);
  base::Result<void> Write(const std::vector<model::Job>& jobs, const char* event, const store::Database::Work& more);

  Dispatcher& dispatcher_;
  store::Database& database_;
  const base::Clock& clock_;
  Uncharge uncharge_;
};

}  // namespace sealpost::queue
