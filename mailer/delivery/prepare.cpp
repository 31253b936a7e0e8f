#include "mailer/delivery/prepare.h"

#include <algorithm>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/dkim/signer.h"

namespace sealpost::delivery {
namespace {

using model::SmtpReply;
using model::SmtpStage;

SmtpReply OurFault(std::string text) {
  return {451, "4.3.0", std::move(text), SmtpStage::kBody};
}

// Bytes that no signer takes will not get better by waiting; a key that fails may be mended.
SmtpReply SigningFailed(const base::Error& error) {
  if (error.kind != base::ErrorKind::kInvalid) return OurFault("signing failed: " + error.message);
  return {554, "5.6.0", "signing failed: " + error.message, SmtpStage::kBody};
}

}  // namespace

Preparer::Preparer(const dkim::Keyring& keyring, const base::TokenSigner& tokens, ReturnPathOf return_path_of,
                   const base::Clock& clock, std::size_t signers)
    : keyring_(keyring),
      tokens_(tokens),
      return_path_of_(std::move(return_path_of)),
      clock_(clock),
      slots_(std::max<std::size_t>(signers, 1)) {}

std::expected<Prepared, SmtpReply> Preparer::Prepare(model::Job& job) {
  const auto id = base::ParseId(job.delivery.id);
  if (!id || !job.content) {
    return std::unexpected(OurFault("the job has no content or no valid id"));
  }
  Prepared ready;
  if (!job.content->unsubscribe_slots.empty()) {
    ready.filled = model::FillSlots(*job.content, tokens_.ForUrl(base::TokenPurpose::kUnsubscribe, *id));
  }
  const std::string_view message = ready.filled.empty() ? std::string_view(job.content->bytes) : ready.filled;
  if (const auto keys = keyring_.KeysFor(job.from_domain); !keys.empty()) {
    const SigningSlots::Slot slot(slots_);
    auto signatures = dkim::Sign(message, keys, clock_.Now());
    if (!signatures) {
      return std::unexpected(SigningFailed(signatures.error()));
    }
    ready.signatures = std::move(*signatures);
  }
  ready.envelope.mail_from =
      "b+" + tokens_.ForLocalPart(base::TokenPurpose::kReturnPath, *id) + "@" + return_path_of_(job.from_domain);
  ready.envelope.rcpt_to = job.delivery.recipient.ToString();
  ready.envelope.size = ready.signatures.size() + message.size();
  ready.envelope.smtputf8 = job.content->smtputf8 || job.delivery.recipient.NeedsSmtpUtf8();
  ready.job = std::move(job);
  return ready;
}

}  // namespace sealpost::delivery
