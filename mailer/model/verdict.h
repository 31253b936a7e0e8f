// What a reply means. Decided in mailer/classify only; everybody else obeys.
#pragma once

#include <string>

namespace sealpost::model {

enum class VerdictKind {
  kDelivered,  // the server took responsibility (2xx after the final dot)
  kDefer,      // try again later
  kBounce,     // final for this recipient
  kUncertain,  // the last byte was written and no answer came (RFC 1047): try again, same Message-ID
};

// Whose failure it was: a site's failure says nothing about the other messages or recipients.
enum class VerdictScope { kNone, kSite, kMessage, kRecipient };

struct Verdict {
  VerdictKind kind = VerdictKind::kDefer;
  VerdictScope scope = VerdictScope::kNone;
  // invalid_recipient, inactive_mailbox, bad_domain, mailbox_full, spam_content, ip_or_domain_blocked,
  // auth_failure, policy, rate_limited, greylisted, message_too_large, relay_denied, protocol, tls_policy,
  // dns_failure, connection, expired, uncertain, other; "none" when delivered.
  std::string reason = "none";
};

}  // namespace sealpost::model
