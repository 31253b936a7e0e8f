// MAIL, RCPT, DATA, body, dot: one transaction after the other on one connection (RFC 5321), pipelined where the
// server allows (RFC 2920), the next transaction's MAIL/RCPT/DATA in the same write as the end of a body (2920 3.1).
#pragma once

#include <string>
#include <string_view>

#include "mailer/model/smtp_reply.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

struct Envelope {
  std::string mail_from;  // without brackets; empty is <>
  std::string rcpt_to;
  std::size_t size = 0;   // announced by SIZE= where offered; also held against the server's limit
  bool smtputf8 = false;
};

struct TransactionResult {
  model::SmtpReply reply;   // the deciding one
  bool uncertain = false;   // the end of the body was written whole and no reply came (RFC 1047)
  bool reusable = false;    // the connection can carry another transaction
};

// Bound to one connection and its thread.
class SmtpDialogue {
 public:
  SmtpDialogue(SmtpConnection& connection, const Timeouts& timeouts);

  // `head` and `body` together are the message (CRLF bytes; signatures and the stored rest, so that nothing is
  // copied together). Dots are stuffed on the way. `next`, if not null and the server pipelines, is announced in
  // the same write as the end of this body; the next call must then be for it (or the connection be dropped).
  // A bare CR or LF in the message is a fault of ours and refused before anything is written.
  TransactionResult Send(const Envelope& envelope, std::string_view head, std::string_view body, const Envelope* next = nullptr);
  // True if a transaction was announced and not yet sent.
  bool HasAnnounced() const { return announced_; }
  // RSET after a refused transaction; false if the connection is no longer usable.
  bool Reset();

 private:
  SmtpConnection& connection_;
  Timeouts timeouts_;
  bool announced_ = false;
};

}  // namespace sealpost::net
