// A connected socket with deadlines, plain first and under TLS after STARTTLS.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::smtpd {

using Deadline = std::chrono::steady_clock::time_point;

// Certificate and settings of the server's side of TLS (1.2 and 1.3). Immutable, shared by all connections.
class TlsContext {
 public:
  static base::Result<std::unique_ptr<TlsContext>> Make(const std::string& certificate_pem, const std::string& key_pem);
  ~TlsContext();

 private:
  friend class Stream;
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

enum class Io { kOk, kClosed, kTimeout };

// Owned by one thread, which must have SIGPIPE blocked; StopReading() and Abort() alone may be called from others.
class Stream {
 public:
  // Takes the descriptor over; it must be non-blocking.
  explicit Stream(int descriptor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Replaces `bytes` by what has come, at least one byte.
  Io Read(std::string& bytes, Deadline deadline);
  // All of it or an error.
  Io Write(std::string_view bytes, Deadline deadline);
  // The server's side of the handshake; after a false answer only closing is left.
  bool StartTls(const TlsContext& context, Deadline deadline);
  // "TLSv1.3 TLS_AES_256_GCM_SHA384", empty: plaintext.
  const std::string& tls() const { return tls_; }

  // Reads return kClosed from now on, a waiting one at once; what is owed to the peer can still be written.
  void StopReading();
  // Reads and writes fail from now on.
  void Abort();

 private:
  struct Ssl;

  bool Wait(short events, Deadline deadline) const;
  Io ReadPlain(char* buffer, std::size_t size, std::size_t& got, Deadline deadline);
  Io WritePlain(std::string_view bytes, Deadline deadline);
  // Waits for what the TLS library asks for after `result`.
  Io WaitForTls(int result, Deadline deadline);

  int descriptor_;
  std::atomic<bool> reading_stopped_ = false;
  std::unique_ptr<Ssl> ssl_;
  std::string tls_;
};

}  // namespace sealpost::smtpd
