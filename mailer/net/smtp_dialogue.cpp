#include "mailer/net/smtp_dialogue.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mailer/net/body_writer.h"

namespace sealpost::net {
namespace {

using model::SmtpReply;
using model::SmtpStage;

struct Step {
  SmtpStage stage;
  std::string command;
  std::chrono::milliseconds within;
};

std::array<Step, 3> StepsOf(const Envelope& envelope, const Capabilities& capabilities, const Timeouts& timeouts) {
  std::string mail = "MAIL FROM:<" + envelope.mail_from + ">";
  if (capabilities.size && envelope.size > 0) {
    mail += " SIZE=" + std::to_string(envelope.size);
  }
  if (envelope.smtputf8) {
    mail += " SMTPUTF8";
  }
  return {Step{SmtpStage::kMail, mail + "\r\n", timeouts.mail},
          Step{SmtpStage::kRcpt, "RCPT TO:<" + envelope.rcpt_to + ">\r\n", timeouts.rcpt},
          Step{SmtpStage::kData, "DATA\r\n", timeouts.data}};
}

std::string Joined(const std::array<Step, 3>& steps) {
  return steps[0].command + steps[1].command + steps[2].command;
}

bool IsPositive(SmtpStage stage, int code) {
  return stage == SmtpStage::kData ? code == 354 : code / 100 == 2;
}
bool IsNegative(int code) {
  return code >= 400 && code < 600;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

SmtpDialogue::SmtpDialogue(SmtpConnection& connection, const Timeouts& timeouts)
    : connection_(connection), timeouts_(timeouts) {}

TransactionResult SmtpDialogue::Send(const Envelope& envelope, std::string_view head, std::string_view body,
                                     const Envelope* next) {
  const auto head_dots = FindDots(head);
  const auto body_dots = FindDots(body);
  std::optional<SmtpReply> refusal = RefuseLocally(envelope);
  if (!refusal && (!head_dots || !body_dots)) {
    refusal = SmtpReply{554, "5.6.0", "the message has a line that does not end in CRLF", SmtpStage::kBody};
  }
  if (refusal) {
    return {*refusal, false, connection_.alive() && !announced_};
  }
  refusal = Begin(envelope);
  if (!refusal) {
    refusal = Unasked(SmtpStage::kBody);
  }
  if (refusal) {
    return {*refusal, false, connection_.alive()};
  }

  if (next != nullptr && connection_.capabilities().pipelining && !RefuseLocally(*next)) {
    announced_ = *next;
  }
  const std::string follow = announced_ ? Joined(StepsOf(*announced_, connection_.capabilities(), timeouts_)) : "";
  BodyWriter writer(connection_, timeouts_.block);
  // After a failed write the server may still have said why (552, 421) before it closed.
  const bool sent = writer.Put(head, *head_dots) && writer.Put(body, *body_dots) && writer.End(follow);
  SmtpReply reply = connection_.ReadReply(SmtpStage::kBody, sent ? timeouts_.dot : std::chrono::milliseconds(0));
  in_transaction_ = false;
  const bool accepted = writer.ended() && IsPositive(SmtpStage::kBody, reply.code);
  if (reply.code == 0 && !sent) {
    reply.text = "the connection broke while the message was sent";
  } else if (reply.code != 0 && !accepted && !IsNegative(reply.code)) {
    reply = Break(SmtpStage::kBody, "the message was answered by " + reply.ToString());
  }
  if (!connection_.alive()) {
    announced_.reset();
  }
  return {reply, reply.code == 0 && writer.ended(), connection_.alive()};
}

bool SmtpDialogue::Reset() {
  if (!connection_.Write("RSET\r\n", timeouts_.mail) ||
      !IsPositive(SmtpStage::kMail, connection_.ReadReply(SmtpStage::kMail, timeouts_.mail).code)) {
    connection_.Cancel();
    return false;
  }
  in_transaction_ = false;
  return true;
}

std::optional<SmtpReply> SmtpDialogue::RefuseLocally(const Envelope& envelope) const {
  const Capabilities& server = connection_.capabilities();
  // Addresses come parsed; this is the last door before a command could be smuggled through one.
  if (HasControl(envelope.mail_from) || HasControl(envelope.rcpt_to)) {
    return SmtpReply{553, "5.1.3", "an address of the envelope has a control character", SmtpStage::kMail};
  }
  if (server.size_limit > 0 && envelope.size > server.size_limit) {
    return SmtpReply{552, "5.3.4",
                     "the message has " + std::to_string(envelope.size) + " bytes, the server takes " +
                         std::to_string(server.size_limit),
                     SmtpStage::kMail};
  }
  if (envelope.smtputf8 && !server.smtputf8) {
    return SmtpReply{553, "5.6.7", "the address needs SMTPUTF8 and the server does not offer it", SmtpStage::kMail};
  }
  return std::nullopt;
}

std::optional<SmtpReply> SmtpDialogue::Begin(const Envelope& envelope) {
  if (announced_) {
    if (*std::exchange(announced_, std::nullopt) != envelope) {
      return Break(SmtpStage::kMail, "another message was announced on this connection");
    }
    return Command(envelope);
  }
  if (in_transaction_ && !Reset()) {
    return Break(SmtpStage::kMail, "the connection broke at RSET");
  }
  if (auto unasked = Unasked(SmtpStage::kMail)) {
    return unasked;
  }
  const auto steps = StepsOf(envelope, connection_.capabilities(), timeouts_);
  if (connection_.capabilities().pipelining && !connection_.Write(Joined(steps), timeouts_.mail)) {
    return Unasked(SmtpStage::kMail);
  }
  return Command(envelope);
}

// The first refusal decides. A group that was sent is read to its end all the same, because its answers come anyway.
std::optional<SmtpReply> SmtpDialogue::Command(const Envelope& envelope) {
  const bool pipelined = connection_.capabilities().pipelining;
  std::optional<SmtpReply> refusal;
  for (const Step& step : StepsOf(envelope, connection_.capabilities(), timeouts_)) {
    const bool written = pipelined || connection_.Write(step.command, step.within);
    SmtpReply reply = connection_.ReadReply(step.stage, written ? step.within : std::chrono::milliseconds(0));
    if (IsPositive(step.stage, reply.code)) {
      in_transaction_ = in_transaction_ || step.stage == SmtpStage::kMail;
      if (step.stage == SmtpStage::kData && refusal) {
        // RFC 2920 3.1: DATA was taken without a recipient; an empty body ends it.
        connection_.Write(".\r\n", timeouts_.data);
        connection_.ReadReply(SmtpStage::kBody, timeouts_.data);
        in_transaction_ = false;
      }
      continue;
    }
    if (!IsNegative(reply.code) && reply.code != 0) {
      reply = Break(step.stage, "the command was answered by " + reply.ToString());
    }
    if (!refusal) {
      refusal = std::move(reply);
    }
    if (!pipelined || !connection_.alive()) {
      return refusal;
    }
  }
  return refusal;
}

// Between our commands the server has nothing to say; an answer too many would be taken for the next one, and a
// message believed delivered that is not. A 421 is the honest case: it tells that the server is about to close.
std::optional<SmtpReply> SmtpDialogue::Unasked(SmtpStage stage) {
  if (!connection_.HasUnread()) {
    return std::nullopt;
  }
  SmtpReply reply = connection_.ReadReply(stage, std::chrono::milliseconds(0));
  if (reply.code == 421 || reply.code == 0) {
    return reply;
  }
  return Break(stage, "an answer came that nothing asked for: " + reply.ToString());
}

SmtpReply SmtpDialogue::Break(SmtpStage stage, std::string_view why) {
  connection_.Cancel();
  return {0, "", std::string(why), stage};
}

}  // namespace sealpost::net
