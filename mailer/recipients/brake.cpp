#include "mailer/recipients/brake.h"

#include <chrono>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/recipients/mask.h"
#include "mailer/store/emails.h"

namespace sealpost::recipients {

namespace {

std::unexpected<base::Error> NotOurs() {
  return base::Fail(base::ErrorKind::kNotFound, "this link is not one of ours, or it is incomplete");
}

std::string Reason(const model::Delivery& delivery) {
  return "by the link in delivery " + delivery.id;
}

base::Result<Braked> Shown(const model::Delivery& delivery, const Blocks::Standing& standing) {
  if (!standing) return std::unexpected(standing.error());
  return Braked{Mask(delivery.recipient), *standing};
}

}  // namespace

base::Result<model::Delivery> Brake::Open(std::string_view token) {
  const auto id = parts_.tokens.OpenUrl(base::TokenPurpose::kBrake, token);
  if (!id) return NotOurs();
  model::Delivery delivery;
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindDelivery(session, base::FormatId(*id));
    if (!found) return std::unexpected(found.error());
    delivery = std::move(*found);
    return {};
  });
  if (read) return delivery;
  if (read.error().kind == base::ErrorKind::kNotFound) return NotOurs();
  return std::unexpected(read.error());
}

base::Result<Braked> Brake::Look(std::string_view token) {
  const auto delivery = Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  return Shown(*delivery, parts_.blocks.Find(delivery->mailbox));
}

base::Result<Braked> Brake::Stop(std::string_view token, BrakeTime time) {
  const auto delivery = Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  const auto lasts = time == BrakeTime::kDay ? std::chrono::days(1) : std::chrono::days(30);
  return Shown(*delivery, parts_.blocks.Stop(delivery->mailbox, parts_.clock.Now() + lasts, Reason(*delivery)));
}

base::Result<Braked> Brake::Resume(std::string_view token) {
  const auto delivery = Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  return Shown(*delivery, parts_.blocks.Resume(delivery->mailbox, Reason(*delivery)));
}

}  // namespace sealpost::recipients
