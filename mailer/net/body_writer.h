// The way of a message body onto the wire: dots stuffed (RFC 5321 4.5.2), ended by CRLF.CRLF, in writes of up to
// 64 KiB, so that a usual message leaves in one write together with its end and whatever is announced after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

// Offsets of the dots that begin a line and need a second one. Nothing if `text` has a bare CR or LF: such a message
// can be read as two (SMTP smuggling). A text not empty ends in CRLF, or it is refused as well.
std::optional<std::vector<std::size_t>> FindDots(std::string_view text);

// For one body. Every method is false when the connection is dead.
class BodyWriter {
 public:
  BodyWriter(SmtpConnection& connection, std::chrono::milliseconds block) : connection_(connection), block_(block) {}

  // A part of the message with its dots from FindDots.
  bool Put(std::string_view part, const std::vector<std::size_t>& dots);
  // The final dot, and in the same write the `commands` that follow it.
  bool End(std::string_view commands);
  // True once the whole final dot was handed to the transport: from then on silence means "uncertain".
  bool ended() const { return end_ != 0 && connection_.written() >= end_; }

 private:
  bool Append(std::string_view piece);
  bool Flush();

  SmtpConnection& connection_;
  std::chrono::milliseconds block_;
  std::string pending_;
  std::uint64_t end_ = 0;
};

}  // namespace sealpost::net
