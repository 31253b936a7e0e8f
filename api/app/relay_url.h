// smtp://HOST:PORT and smtps://HOST:PORT.
#pragma once

#include <string_view>

#include "mailer/base/error.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::app {

// Fills host, port (25 or 465 if none is given) and implicit_tls. IPv6 addresses stand in brackets.
base::Result<net::SmtpPeer> ParseRelayUrl(std::string_view url);
// "required", "opportunistic", "none" as checked by LoadConfig.
net::TlsDemand ParseTlsDemand(std::string_view word);

}  // namespace sealpost::app
