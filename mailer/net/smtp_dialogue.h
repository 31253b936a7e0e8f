// MAIL, RCPT, DATA, body, dot: one transaction after the other on one connection (RFC 5321), pipelined where the
// server allows (RFC 2920), the next transaction's MAIL/RCPT/DATA in the same write as the end of a body (2920 3.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mailer/model/smtp_reply.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

struct Envelope {
  std::string mail_from;  // without brackets; empty is <>
  std::string rcpt_to;
  std::size_t size = 0;  // announced by SIZE= where offered; also held against the server's limit
  bool smtputf8 = false;
  bool operator==(const Envelope&) const = default;
};

struct TransactionResult {
  model::SmtpReply reply;  // the deciding one
  bool uncertain = false;  // the end of the body was written whole and no reply came (RFC 1047)
  bool reusable = false;   // the connection can carry another transaction
};

// Bound to one connection and its thread.
class SmtpDialogue {
 public:
  SmtpDialogue(SmtpConnection& connection, const Timeouts& timeouts);

  // `head` and `body` together are the message (CRLF bytes, each ending in CRLF; signatures and the stored rest, so
  // that nothing is copied together). Dots are stuffed on the way. `next`, if not null and the server pipelines, is
  // announced in the same write as the end of this body; the next call must then be for it (or the connection be
  // dropped): a call for another envelope ends the connection before anything is sent.
  // A bare CR or LF in the message is a fault of ours and refused before anything is written (554 5.6.0); so are a
  // message over the server's SIZE limit (552 5.3.4) and one that needs SMTPUTF8 the server lacks (553 5.6.7).
  // A failure before MAIL was answered is code 0 or 421 at stage kMail: on a reused connection that says nothing about
  // the message, and another connection may be tried without counting an attempt.
  TransactionResult Send(const Envelope& envelope, std::string_view head, std::string_view body,
                         const Envelope* next = nullptr);
  // True if a transaction was announced and not yet sent.
  bool HasAnnounced() const { return announced_.has_value(); }
  // RSET after a refused transaction; false if the connection is no longer usable. Send does it where it must.
  bool Reset();

 private:
  std::optional<model::SmtpReply> RefuseLocally(const Envelope& envelope) const;
  std::optional<model::SmtpReply> Begin(const Envelope& envelope);
  std::optional<model::SmtpReply> Command(const Envelope& envelope);
  std::optional<model::SmtpReply> Unasked(model::SmtpStage stage);
  model::SmtpReply Break(model::SmtpStage stage, std::string_view why);

  SmtpConnection& connection_;
  Timeouts timeouts_;
  std::optional<Envelope> announced_;
  bool in_transaction_ = false;  // MAIL was accepted and neither a body nor RSET ended it
};

}  // namespace sealpost::net
