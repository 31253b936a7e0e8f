#include "mailer/smtpd/body_reader.h"

namespace sealpost::smtpd {

std::size_t BodyReader::Feed(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size() && !done_) {
    if (at_ == At::kText) {  // most bytes of most messages
      const std::size_t begin = i;
      while (i < bytes.size() && bytes[i] != '\r' && bytes[i] != '\n') ++i;
      Append(bytes.substr(begin, i - begin));
      if (i == bytes.size()) break;
    }
    Step(bytes[i++]);
  }
  return i;
}

void BodyReader::Step(char c) {
  if (at_ == At::kLineStart && c == '.') {
    at_ = At::kDot;  // either the end or a stuffed dot, which is dropped both ways
    return;
  }
  if (at_ == At::kDot && c == '\r') {
    at_ = At::kDotCr;
    return;
  }
  if (at_ == At::kDotCr && c == '\n') {
    done_ = true;
    return;
  }
  if (at_ == At::kDotCr) Append("\r");  // a dot, then a bare CR

  const bool after_cr = at_ == At::kCr || at_ == At::kDotCr;
  if (after_cr != (c == '\n')) bare_line_end_ = true;
  Append({&c, 1});
  if (c == '\n' && after_cr) {
    at_ = At::kLineStart;
  } else {
    at_ = c == '\r' ? At::kCr : At::kText;
  }
}

void BodyReader::Append(std::string_view text) {
  received_ += text.size();
  if (received_ <= limit_ && !bare_line_end_) {
    message_ += text;
  } else {
    message_.clear();  // it will be refused: no need to hold it until its end
  }
}

}  // namespace sealpost::smtpd
