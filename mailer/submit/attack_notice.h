// One notice to the victim of an attack: that many messages were asked for, that they are slowed down, that nothing
// needs to be done, and that nobody who calls about it should be given a code (a flood is often followed by a false
// help desk). In plain words of our own; nothing in it comes from a caller.
//
// It goes through the submitter as any send, in the category contact_ack, so it is paid from the victim's own umbrella,
// and only after at least 3 messages of the last 24 hours were really delivered; at most once in 7 days, which the
// store remembers. Where there is no room it is not sent: it is tried when the attack begins, every ten minutes while
// it goes on, and a last time when it is over.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/guarded.h"
#include "mailer/base/log.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/submit/submitter.h"
#include "ratelimit/limiter.h"

namespace sealpost::submit {

struct AttackNoticeParts {
  store::Database& database;
  ratelimit::Limiter& limiter;
  const recipients::Recipients& recipients;
  Submitter& submitter;
  const LimitRules& rules;
  const base::Clock& clock;
  base::Log& log;
  std::string from;         // as in a send; of a domain that may stand there
  std::string subject_key;  // of ratelimit::MailboxKey
};

// Thread safe, but for SendDue.
class AttackNotice {
 public:
  explicit AttackNotice(AttackNoticeParts parts) : parts_(std::move(parts)) {}
  // Attacks that begin and end; at most 1,000 victims wait at a time. Returns at once.
  void Hear(const ratelimit::Signal& signal);
  // Tries some of those that are due; waits for the store. For one thread that serves no request, about once a second.
  void SendDue();

 private:
  struct Waiting {
    base::Time due;
    bool is_last = false;
  };
  std::vector<std::pair<std::string, Waiting>> TakeDue();
  bool Try(const std::string& mailbox);
  std::vector<model::Address> Delivered(const std::string& mailbox);
  bool HasRoom(const std::string& mailbox);
  base::Result<bool> Claim(const std::string& subject);
  bool Send(const model::Address& address);

  AttackNoticeParts parts_;
  base::Guarded<std::map<std::string, Waiting>> waiting_;  // by canonical mailbox
};

}  // namespace sealpost::submit
