// From the logs of a mailbox to what a person asks about it.
#pragma once

#include "ratelimit/limiter.h"
#include "ratelimit/log.h"
#include "ratelimit/mailbox_state.h"

namespace sealpost::ratelimit {

struct MailboxLogs {
  Log mailbox, unconfirmed, family, domain;
  MailboxState state;
};

// Every rule that can judge this recipient and its messages, each once.
Explanation MakeExplanation(const RuleBook& book, const Recipient& recipient, const MailboxLogs& logs,
                            std::int64_t clock);

}  // namespace sealpost::ratelimit
