// The courier of relay mode: every job goes to one configured site. Lanes (threads, one connection each) are opened
// as there is work, `connections` at most, and closed when idle.
#pragma once

#include <functional>
#include <memory>

#include "mailer/base/backoff.h"
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
  std::size_t signers = 2;                 // signatures computed at once
  std::chrono::milliseconds idle{10'000};  // a lane with no job this long says QUIT
  // How long nobody dials after the site refused or could not be reached; then one job probes it.
  base::Backoff pauses{.steps = {std::chrono::seconds(1), std::chrono::seconds(5), std::chrono::seconds(15),
                                 std::chrono::seconds(30), std::chrono::seconds(60)}};
};

// The VERP return path of a delivery: b+TOKEN@return-path domain. `return_path_of` maps a From domain to it.
using ReturnPathOf = std::function<std::string(std::string_view from_domain)>;

// Starts at once. All that is referred to must outlive the courier; the destructor stops without grace.
std::unique_ptr<Courier> MakeRelayCourier(RelayOptions options, Desk& desk, const dkim::Keyring& keyring,
                                          const base::TokenSigner& tokens, ReturnPathOf return_path_of,
                                          const base::Clock& clock, base::Log& log, base::Metrics& metrics);

}  // namespace sealpost::delivery
