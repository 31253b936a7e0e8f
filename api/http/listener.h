// Where the server listens: an address or a unix socket, bound; and the TLS it speaks there.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>

#include <string>

#include "api/http/server.h"
#include "mailer/base/error.h"

namespace sealpost::http {

struct Listener {
  Poco::Net::ServerSocket socket;
  Poco::Net::Context::Ptr tls;  // null: plain
  std::string unix_path;        // "" for TCP; the file is the caller's to remove
};

// The TLS of a certificate and its key, read now; null where the options name none.
base::Result<Poco::Net::Context::Ptr> MakeTls(const ServerOptions& options);

// Binds and listens. kInvalid for options that do not fit together, kUnavailable if the address cannot be had.
// A unix socket is open to its owner alone (mode 0600); a dead one in its place is replaced.
base::Result<Listener> OpenListener(const ServerOptions& options);

}  // namespace sealpost::http
