// The courier of relay mode: every job goes to one configured site. Lanes (threads, one connection each) are opened
// as there is work, `connections` at most, and closed when idle.
#pragma once

#include <functional>
#include <memory>

#include "mailer/base/clock.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/base/token.h"
#include "mailer/delivery/courier.h"
#include "mailer/dkim/keyring.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::delivery {

struct RelayOptions {
  net::SmtpPeer peer;
  net::Timeouts timeouts;
  std::size_t connections = 4;
  std::size_t signers = 2;                     // signatures computed at once
  std::chrono::milliseconds idle{10'000};      // a lane with no job this long says QUIT
};

// The VERP return path of a delivery: b+TOKEN@return-path domain. `return_path_of` maps a From domain to it.
using ReturnPathOf = std::function<std::string(std::string_view from_domain)>;

std::unique_ptr<Courier> MakeRelayCourier(RelayOptions options, Desk& desk, const dkim::Keyring& keyring,
                                          const base::TokenSigner& tokens, ReturnPathOf return_path_of,
                                          const base::Clock& clock, base::Log& log, base::Metrics& metrics);

}  // namespace sealpost::delivery
