// Messages, deliveries and events in the store. All take part in the transaction of the Session they are given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/model/email.h"
#include "mailer/store/database.h"

namespace sealpost::store {

// Message, body and queue rows in one go.
base::Result<void> InsertEmail(Session& session, const model::Email& email,
                               const std::vector<model::Delivery>& deliveries);
// Everything but raw.bytes if `with_body` is false. kNotFound if there is none.
base::Result<model::Email> FindEmail(Session& session, std::string_view id, bool with_body);
base::Result<std::vector<model::Delivery>> DeliveriesOf(Session& session, std::string_view email_id);
base::Result<model::Delivery> FindDelivery(Session& session, std::string_view delivery_id);
// Another time for a scheduled email; its deliveries are the caller's to move.
base::Result<void> MoveEmail(Session& session, std::string_view id, base::Time scheduled_at);

// Composed bytes and slots of an email, for a delivery whose content is not in memory.
base::Result<model::RawMessage> LoadContent(Session& session, std::string_view email_id);

// Pending deliveries (queued, delayed or scheduled) as jobs without content, in the order of next_attempt_at then id,
// that come after (`after_millis`, `after_id`) in that order; `limit` at most. Start with (INT64_MIN, "").
base::Result<std::vector<model::Job>> PendingJobs(Session& session, std::int64_t after_millis,
                                                  std::string_view after_id, std::size_t limit);

// What came of an attempt or a decision: new state, attempts, next time, and the event, together. Where another
// outcome was recorded meanwhile, the state follows the rules of outcomes.h (a final state never goes back to
// queued; the worse of two facts stays); the event is kept in any case.
base::Result<void> RecordOutcome(Session& session, const model::Delivery& delivery, const model::Event& event);
base::Result<void> InsertEvent(Session& session, const model::Event& event);
// In order of time; the accepting itself comes first, as email.sent, one for each delivery: that one is made
// from the delivery, so nobody inserts it. A scheduled email is not sent when it is accepted: what happened to it is
// inserted (email.scheduled, and email.sent once it was let out).
base::Result<std::vector<model::Event>> EventsOf(Session& session, std::string_view email_id);

}  // namespace sealpost::store
