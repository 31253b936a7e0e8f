// One client's SMTP session from the greeting to the end (RFC 5321 3.1-3.8): reads commands in their order, asks the
// handler, answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mailer/smtpd/command.h"
#include "mailer/smtpd/line_reader.h"
#include "mailer/smtpd/server.h"
#include "mailer/smtpd/stream.h"

namespace sealpost::smtpd {

// Bound to one connection and its thread; everything handed in outlives it. Replies are collected and written when
// the client has to wait for them, so that a pipelined group is answered in one packet (RFC 2920 3.2).
class Conversation {
 public:
  // `tls` null: STARTTLS is not offered. `peer` is "address:port".
  Conversation(Stream& stream, const Options& options, const TlsContext* tls, Handler& handler, std::string peer);
  void Run();

 private:
  void Execute(std::string_view line);
  void Hello(const Command& command);
  void StartTls(const Command& command);
  void Mail(const Command& command);
  void Recipient(const Command& command);
  void Data(const Command& command);
  void ReceiveBody();
  void Reset();

  // Nothing if the parameters of MAIL are fine.
  std::optional<Answer> RefuseParameters(const Path& path) const;
  void Reply(int code, std::string_view text);
  void Reply(const Answer& answer) { Reply(answer.code, answer.text); }
  // For syntax and order, which no honest client gets wrong often.
  void Fault(int code, std::string_view text);
  void Close(int code, std::string_view text);

  // The next whole line, or nothing if the session is over; the client has been told why if it can be.
  std::optional<std::string> NextLine();
  // Sends what is owed, then waits for more of the client's bytes; false: the session is over.
  bool Receive(std::string& bytes, Deadline deadline);
  void Flush();

  Stream& stream_;
  const Options& options_;
  const TlsContext* tls_;
  Handler& handler_;
  Session session_;
  LineReader input_;
  std::string output_;
  bool open_ = true;
  bool has_sender_ = false;
  bool smtputf8_ = false;
  int faults_ = 0;
};

}  // namespace sealpost::smtpd
