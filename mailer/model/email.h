// An accepted message and its deliveries: the nouns of the send path. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/model/address.h"
#include "mailer/model/raw_message.h"

namespace sealpost::model {

// The state of one delivery. The state of an email is its worst one, in this order (design: bounced first).
enum class DeliveryState {
  kBounced,
  kFailed,
  kComplained,
  kDelayed,
  kQueued,
  kScheduled,
  kSuppressed,
  kCanceled,
  kSent,
  kDelivered
};

// "bounced", "failed", "complained", "delivery_delayed", "queued", "scheduled", "suppressed", "canceled", "sent",
// "delivered": the words of the wire contract (last_event).
const char* StateName(DeliveryState state);
std::optional<DeliveryState> ParseState(std::string_view name);
inline bool IsPending(DeliveryState state) {
  return state == DeliveryState::kQueued || state == DeliveryState::kDelayed || state == DeliveryState::kScheduled;
}

struct Tag {
  std::string name;
  std::string value;
};

// Extras of a send that are ours alone; empty or absent when not given.
struct Extras {
  std::string category;  // as known to the limiter, "uncategorized" otherwise
  std::string trust;     // session, device, captcha, support
  bool recipient_confirmed = false;
  std::string client_ip;
  std::string user_id;
  std::string dedupe_key;
  std::string priority;
  std::optional<base::Time> expires_at;
  std::string metadata;  // JSON text, an object
  std::string workspace_id;
  bool workspace_verified = false;
};

struct Email {
  std::string id;  // UUIDv7
  base::Time created_at;
  std::optional<base::Time> scheduled_at;  // when it is to be sent; nothing: it was sent when it was accepted
  std::string key_id;                      // the API key that sent it
  std::string message_id;                  // with angle brackets, as in the header
  Mailbox from;
  std::vector<Mailbox> to, cc, bcc, reply_to;
  std::string subject;
  std::string topic_id;  // empty: untopical
  std::string template_id;
  std::vector<Tag> tags;
  Extras extras;
  RawMessage raw;
};

// One mailbox of one email; also the queue row.
struct Delivery {
  std::string id;  // UUIDv7; carried by the VERP return path and the unsubscribe token
  std::string email_id;
  Address recipient;
  std::string mailbox;  // canonical mailbox (ratelimit::Identify), the key of opt-outs
  DeliveryState state = DeliveryState::kQueued;
  int attempts = 0;  // begun so far
  base::Time next_attempt_at;
  std::string held_by = {};  // the limit that holds it; nobody is charged for it yet. Empty: none does
  // When it was charged, alone, because a limit that held it or its schedule let it go; nothing: with the email.
  std::optional<base::Time> let_out_at = {};
};

// What holds a delivery that waits for the counters of the installation, in place of a limit.
inline constexpr std::string_view kCountersAway = "counters-away";
// Whether the limiter may have counted it. Counters that answered too late may have, without anybody knowing.
inline bool MayBeCharged(const Delivery& delivery) {
  return delivery.held_by.empty() || delivery.held_by == kCountersAway;
}
// "held by the limit otp-mailbox-1h", or that it waits for the counters.
std::string HeldWords(std::string_view held_by);

// What leaves the house for one delivery, kept in memory while it is due.
struct Job {
  Delivery delivery;
  std::string from_domain;  // whose DKIM keys sign
  std::string topic_id;
  std::optional<base::Time> expires_at;
  base::Time created_at;
  std::optional<base::Time> scheduled_at;
  std::string category;
  std::shared_ptr<const RawMessage> content;  // null: load it from the store
};

// One thing that happened to a delivery; a line of GET /x/emails/{id}/events.
struct Event {
  std::string email_id;
  std::string delivery_id;
  std::string type;  // email.sent, email.delivered, email.delivery_delayed, email.bounced, ...
  base::Time at;
  std::string recipient;
  int attempt = 0;    // 0: no attempt was made
  std::string host;   // host:port spoken to
  std::string reply;  // SmtpReply::ToString, or a reason of our own
  std::string tls;    // "TLSv1.3 TLS_AES_256_GCM_SHA384", empty: plain or not connected
  std::optional<base::Time> next_attempt_at;
  bool uncertain = false;
};

}  // namespace sealpost::model
