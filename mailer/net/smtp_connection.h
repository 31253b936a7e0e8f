// One SMTP connection, opened by libcurl (TCP, greeting, EHLO, STARTTLS, AUTH; CURLOPT_CONNECT_ONLY) and spoken on by
// smtp_dialogue. Never taken from libcurl's own cache, which ignores the TLS demand (CVE-2026-4873, CVE-2026-8286).
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "mailer/model/smtp_reply.h"

namespace sealpost::net {

enum class TlsDemand {
  kNone,           // never STARTTLS
  kOpportunistic,  // STARTTLS if offered, certificate not verified; plaintext otherwise
  kRequired,       // STARTTLS or implicit TLS with a verified certificate, or no MAIL at all
};

struct SmtpPeer {
  std::string host;  // name or IP literal; also the reference identity of the certificate
  int port = 25;
  bool implicit_tls = false;  // smtps://
  TlsDemand tls = TlsDemand::kRequired;
  std::string helo;
  std::string user;           // empty: no AUTH
  std::string password_file;  // read at each connect
  std::string ca_file;        // empty: the system's bundle
};

struct Capabilities {  // of the last EHLO only
  bool pipelining = false, eight_bit_mime = false, smtputf8 = false, size = false;
  std::size_t size_limit = 0;  // 0: none stated
};

struct Timeouts {  // RFC 5321 4.5.3.2, shortened where practice is shorter
  std::chrono::milliseconds connect{30'000}, mail{60'000}, rcpt{60'000}, data{60'000}, block{60'000}, dot{300'000},
      quit{2'000};
};

// Owned by one thread; Cancel() alone may be called from others. The destructor closes without QUIT.
class SmtpConnection {
 public:
  // Blocks; `stop` cuts it short within about a second. A refusal comes back as the reply with its stage (code 0 if
  // there was none): a value, not an error.
  static std::expected<std::unique_ptr<SmtpConnection>, model::SmtpReply> Open(const SmtpPeer& peer,
                                                                               const Timeouts& timeouts,
                                                                               std::stop_token stop = {});
  ~SmtpConnection();

  const Capabilities& capabilities() const;
  const std::string& tls() const;   // "TLSv1.3 TLS_AES_256_GCM_SHA384", empty: plaintext
  const std::string& host() const;  // "host:port"

  // All of `bytes` before the deadline, or false (the connection is dead then, but what the server said before it
  // closed can still be read).
  bool Write(std::string_view bytes, std::chrono::milliseconds within);
  // Bytes handed to the transport since the connection was opened.
  std::uint64_t written() const;
  // One whole reply, multi-line ones joined; the time is for all of it, not per byte. Code 0 if none came. A 421 or
  // no reply ends the connection.
  model::SmtpReply ReadReply(model::SmtpStage stage, std::chrono::milliseconds within);
  // True if the server said something that was not asked for (a 421 before it closes, an answer too many) or closed.
  bool HasUnread();
  bool alive() const;
  // QUIT, waiting at most timeouts.quit for the answer.
  void Quit();
  // Makes a blocked Write or ReadReply return at once. Safe from any thread, any number of times.
  void Cancel();

 private:
  struct Impl;
  explicit SmtpConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Once per process before the first connection (curl_global_init; SIGPIPE is ignored from then on); returns an object
// that cleans up. Throws std::runtime_error if libcurl cannot start.
std::shared_ptr<void> InitNetwork();

}  // namespace sealpost::net
