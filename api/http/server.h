// The HTTP server: Poco's sockets, TLS, acceptor and thread pool; what a request is, is judged by the guard. A
// connection is a thread; complete and bounded requests only; every body is read or the connection closed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/http/message.h"
#include "api/http/router.h"
#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"

namespace sealpost::http {

struct ServerOptions {
  std::string listen = "127.0.0.1:8025";             // host:port, port 0 takes a free one; or unix:/path/to.sock
  std::string certificate_file = {}, key_file = {};  // both or none: TLS 1.2 and 1.3
  std::vector<std::string> trusted_proxies = {};  // addresses or CIDR; X-Forwarded-For and -Proto count only from these
  std::size_t connections = 2048;                 // also the number of threads (small stacks)
  std::size_t connections_per_client = 256;       // loopback and trusted proxies are not counted
  std::size_t body_bytes = 44u << 20;             // a message of 40 MiB and its JSON
  std::size_t body_budget = 256u << 20;           // memory of all bodies being read at once; above it 503
  std::chrono::milliseconds head_time{5'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds idle_time{60'000};
  // "": any Host. Otherwise Host must be one of these, and an Origin must name one of them (development mode).
  std::vector<std::string> hosts = {};
  bool hsts = false;  // only over TLS, only with a confirmed public name
};

// The security headers of every answer are added here (headers.h).
class Server {
 public:
  // Binds and starts; kUnavailable with the address if it is in use. A listener that is not loopback needs a
  // certificate or trusted proxies: kInvalid otherwise.
  static base::Result<std::unique_ptr<Server>> Start(ServerOptions options, const Router& router,
                                                     const base::Clock& clock, base::Log& log, base::Metrics& metrics);
  ~Server();
  int port() const;  // 0 for a unix socket
  // Reads certificate and key anew: connections from then on get these, those that stand go on. On an error all get
  // what was there before. Nothing to do without TLS. Thread safe.
  base::Result<void> RenewCertificate();
  // Stops accepting, lets running requests finish (at most `grace`), closes the rest.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::http
