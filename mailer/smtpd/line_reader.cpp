#include "mailer/smtpd/line_reader.h"

namespace sealpost::smtpd {

void LineReader::Feed(std::string_view bytes) {
  bytes_.erase(0, at_);
  at_ = 0;
  bytes_ += bytes;
}

LineReader::Found LineReader::Next(std::string& line) {
  for (std::size_t i = at_; i < bytes_.size(); ++i) {
    if (bytes_[i] == '\n') return Found::kBareLineEnd;
    if (bytes_[i] != '\r') continue;
    if (i + 1 == bytes_.size()) break;  // its LF may be on the way
    if (bytes_[i + 1] != '\n') return Found::kBareLineEnd;
    return Finish(i, line);
  }
  if (bytes_.size() - at_ >= limit_) {
    // A last CR stays: it may be the first half of the end we look for.
    const bool half_end = bytes_.back() == '\r';
    bytes_ = half_end ? "\r" : "";
    at_ = 0;
    dropping_ = true;
  }
  return Found::kMore;
}

LineReader::Found LineReader::Finish(std::size_t end, std::string& line) {
  const std::size_t length = end + 2 - at_;
  line.assign(bytes_, at_, end - at_);
  at_ = end + 2;
  const bool too_long = dropping_ || length > limit_;
  dropping_ = false;
  return too_long ? Found::kTooLong : Found::kLine;
}

}  // namespace sealpost::smtpd
