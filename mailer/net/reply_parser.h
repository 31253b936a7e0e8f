// Reads SMTP replies (RFC 5321 4.2.1) out of whatever a server sends, within bounds: memory stays below 8 KiB however
// long its lines are, and the text that comes out is safe to log and to store.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mailer/model/smtp_reply.h"

namespace sealpost::net {

inline constexpr std::size_t kReplyLine = 4096;         // bytes kept of a line; the rest is skipped
inline constexpr std::size_t kReplyLines = 100;         // more than these break the reply
inline constexpr std::size_t kReplyBytes = 400u << 10;  // of one reply, skipped ones included
inline constexpr std::size_t kReplyText = 500;

// Well-formed UTF-8 of at most `limit` bytes: controls (C0, DEL, C1, bidi) and broken sequences become '?'.
std::string CleanText(std::string_view text, std::size_t limit = kReplyText);

// One reply. Lines end at LF, with or without CR. Of lines with different codes those of the last code count.
class ReplyParser {
 public:
  enum class State { kMore, kComplete, kBroken };

  explicit ReplyParser(model::SmtpStage stage) { reply_.stage = stage; }

  // Takes from the front of `bytes` no more than this reply and returns how many bytes that was.
  std::size_t Feed(std::string_view bytes);
  State state() const { return state_; }
  // The reply once it is complete.
  const model::SmtpReply& reply() const { return reply_; }

 private:
  void EndLine();

  State state_ = State::kMore;
  std::string line_;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  model::SmtpReply reply_;
};

}  // namespace sealpost::net
