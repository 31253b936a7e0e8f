// Splits what a client sends into command lines (RFC 5321 2.3.8): a line ends at CRLF and nowhere else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sealpost::smtpd {

// Bound to one connection and its thread. Holds what was received and not yet used.
class LineReader {
 public:
  enum class Found {
    kLine,         // `line` is set, without its CRLF
    kMore,         // feed more bytes first
    kTooLong,      // a line above the limit went by and was dropped
    kBareLineEnd,  // CR without LF or LF without CR: where the next line begins is anybody's guess
  };

  // `limit` octets a line, CRLF included.
  explicit LineReader(std::size_t limit) : limit_(limit) {}

  void Feed(std::string_view bytes);
  Found Next(std::string& line);

  // What was received beyond the last line: the body after DATA begins there.
  std::string_view Rest() const { return std::string_view(bytes_).substr(at_); }
  void Skip(std::size_t count) { at_ += count; }

 private:
  Found Finish(std::size_t end, std::string& line);

  std::size_t limit_;
  std::string bytes_;
  std::size_t at_ = 0;
  bool dropping_ = false;  // inside a line that is too long
};

}  // namespace sealpost::smtpd
