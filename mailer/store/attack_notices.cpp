#include "mailer/store/attack_notices.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

base::Result<bool> ClaimAttackNotice(Session& session, std::string_view subject, base::Time now, base::Time since) {
  auto swept = session.Execute("DELETE FROM attack_notices WHERE at <= $1", {base::ToMillis(since)});
  if (!swept) return std::unexpected(std::move(swept.error()));
  auto claimed =
      session.Execute("INSERT INTO attack_notices (subject, at) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING",
                      {subject, base::ToMillis(now)});
  if (!claimed) return std::unexpected(std::move(claimed.error()));
  return *claimed == 1;
}

base::Result<void> ReturnAttackNotice(Session& session, std::string_view subject) {
  auto returned = session.Execute("DELETE FROM attack_notices WHERE subject = $1", {subject});
  if (!returned) return std::unexpected(std::move(returned.error()));
  return {};
}

}  // namespace sealpost::store
