// A job made ready for the wire: slots filled, signed, its envelope written.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/base/token.h"
#include "mailer/delivery/relay_courier.h"
#include "mailer/delivery/signing_slots.h"
#include "mailer/dkim/keyring.h"
#include "mailer/model/email.h"
#include "mailer/model/smtp_reply.h"
#include "mailer/net/smtp_dialogue.h"

namespace sealpost::delivery {

struct Prepared {
  model::Job job;
  net::Envelope envelope;
  std::string signatures;  // the DKIM-Signature fields; empty if the domain has no keys
  std::string filled;      // the message with its tokens; empty if it has no slots

  // What follows the signatures. Valid as long as this object stays where it is.
  std::string_view message() const { return filled.empty() ? std::string_view(job.content->bytes) : filled; }
};

// Thread safe. What it is given must outlive it.
class Preparer {
 public:
  Preparer(const dkim::Keyring& keyring, const base::TokenSigner& tokens, ReturnPathOf return_path_of,
           const base::Clock& clock, std::size_t signers);

  // On failure a reply of our own that says why the job cannot leave; `job` is untouched then. Otherwise it is moved.
  // 554 5.6.0 if the message's bytes cannot be signed: final. 451 4.3.0 for all else.
  std::expected<Prepared, model::SmtpReply> Prepare(model::Job& job);

 private:
  const dkim::Keyring& keyring_;
  const base::TokenSigner& tokens_;
  ReturnPathOf return_path_of_;
  const base::Clock& clock_;
  SigningSlots slots_;
};

}  // namespace sealpost::delivery
