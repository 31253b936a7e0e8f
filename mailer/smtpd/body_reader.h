// Reads what follows DATA (RFC 5321 4.1.1.4, 4.5.2): up to CRLF.CRLF, stuffed dots taken off. A bare CR or LF never
// ends anything and spoils the message: two servers that disagree about line ends can be made to see two messages
// where there is one (SMTP smuggling).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace sealpost::smtpd {

// For one message. Keeps at most `limit` bytes, but goes on counting.
class BodyReader {
 public:
  explicit BodyReader(std::size_t limit) : limit_(limit) {}

  // Takes from `bytes` what belongs to the message. Returns how many bytes that were; done() tells whether the end
  // was among them.
  std::size_t Feed(std::string_view bytes);

  bool done() const { return done_; }
  bool bare_line_end() const { return bare_line_end_; }
  bool too_large() const { return received_ > limit_; }
  std::size_t received() const { return received_; }
  // The message, every line ending in CRLF. Only once, and only if neither spoiled nor too large.
  std::string Take() { return std::move(message_); }

 private:
  enum class At { kLineStart, kText, kCr, kDot, kDotCr };

  void Step(char c);
  void Append(std::string_view text);

  std::size_t limit_;
  std::string message_;
  std::size_t received_ = 0;
  At at_ = At::kLineStart;
  bool done_ = false;
  bool bare_line_end_ = false;
};

}  // namespace sealpost::smtpd
