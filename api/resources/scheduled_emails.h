// PATCH /emails/{id} and POST /emails/{id}/cancel: what may be done about an email that waits for its time.
#pragma once

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/queue/scheduled.h"
#include "mailer/store/database.h"

namespace sealpost::resources {

struct ScheduledEmailsParts {
  queue::Scheduled& scheduled;
  store::Database& database;
  const base::Clock& clock;
  KeyRate& key_rate;
};

// For any key that may send; one that may do nothing else knows only the emails that it sent. What `parts` refers to
// has to outlive the router.
void AddScheduledEmails(http::Router& router, ScheduledEmailsParts parts);

}  // namespace sealpost::resources
