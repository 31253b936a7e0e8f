// An SMTP server (RFC 5321) for what comes in: the development catcher now, bounces and submission later.
// Line reader that ends a message at CRLF.CRLF only and refuses bare LF (smuggling), STARTTLS (RFC 3207) with
// whatever was buffered before the handshake refused, PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES.
// A thread per connection; caps on connections, line length, message size, recipients and idle time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/log.h"

namespace sealpost::smtpd {

struct Answer {
  int code = 250;
  std::string text = "2.0.0 Ok";  // with its enhanced code
};

struct Session {     // facts about the connection a message came by
  std::string peer;  // "127.0.0.1:40312"
  std::string helo;
  std::string tls;  // "TLSv1.3 TLS_AES_256_GCM_SHA384", empty: plaintext
  std::string mail_from;
  std::vector<std::string> recipients;
};

// Called from the connections' threads, several at once.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Answer OnMail(const Session& session) = 0;  // mail_from is set
  virtual Answer OnRecipient(const Session& session, std::string_view recipient) = 0;
  virtual Answer OnData(const Session& session) = 0;  // 354 lets the body come
  // The whole message, dots unstuffed, CRLF. A 2xx answer takes responsibility: it is on disk by then.
  virtual Answer OnMessage(const Session& session, std::string message) = 0;
};

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;                          // 0: a free one
  std::string name = "localhost";        // in the greeting
  std::string certificate_pem, key_pem;  // empty: no STARTTLS
  std::size_t connections = 200;
  std::size_t message_bytes = 64u << 20;
  std::size_t recipients = 100;
  std::chrono::milliseconds idle{300'000};
};

class Server {
 public:
  // Binds and starts. The error names address and port ("... is in use").
  static base::Result<std::unique_ptr<Server>> Start(const Options& options, Handler& handler, base::Log& log);
  ~Server();  // stops accepting, ends the sessions, joins the threads
  int port() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::smtpd
