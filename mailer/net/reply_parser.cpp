#include "mailer/net/reply_parser.h"

#include <algorithm>

#include "mailer/model/utf8.h"

namespace sealpost::net {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The code at the front of a line, 0 if there is none (RFC 5321 4.2: first digit 2 to 5, then a space, '-' or the end).
int CodeOf(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !IsDigit(line[1]) || !IsDigit(line[2])) {
    return 0;
  }
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') {
    return 0;
  }
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

// Length of "class.subject.detail" (RFC 3463 2) at the front, 0 if there is none.
std::size_t EnhancedLength(std::string_view text, int code) {
  if (text.empty() || text[0] - '0' != code / 100) {
    return 0;
  }
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    const std::size_t digits = at + 1;
    if (at >= text.size() || text[at] != '.') {
      return 0;
    }
    at = digits;
    while (at < text.size() && IsDigit(text[at])) {
      ++at;
    }
    if (at == digits || at - digits > 3) {
      return 0;
    }
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

}  // namespace

std::string CleanText(std::string_view text, std::size_t limit) {
  std::string clean;
  while (!text.empty()) {
    const model::CodePoint point = model::FirstCodePoint(text);
    const bool shown = point.length > 0 && !model::IsControl(point.value) && !model::IsBidiControl(point.value);
    const std::string_view piece = shown ? text.substr(0, point.length) : "?";
    if (clean.size() + piece.size() > limit) {
      break;
    }
    clean += piece;
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return clean;
}

std::size_t ReplyParser::Feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::kMore) {
    const std::size_t end = bytes.find('\n', taken);
    const std::string_view piece = bytes.substr(taken, end - taken);
    line_ += piece.substr(0, kReplyLine - line_.size());
    const std::size_t length = piece.size() + (end == std::string_view::npos ? 0 : 1);
    taken += length;
    bytes_ += length;
    if (bytes_ > kReplyBytes) {
      state_ = State::kBroken;
    } else if (end != std::string_view::npos) {
      EndLine();
    }
  }
  return taken;
}

void ReplyParser::EndLine() {
  std::string_view line = line_;
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  const int code = CodeOf(line);
  if (code == 0 || ++lines_ > kReplyLines) {
    state_ = State::kBroken;
    return;
  }
  if (code != reply_.code) {
    reply_.code = code;
    reply_.enhanced.clear();
    reply_.text.clear();
  }
  const bool last = line.size() < 4 || line[3] == ' ';
  std::string_view text = line.substr(std::min<std::size_t>(line.size(), 4));
  if (const std::size_t length = EnhancedLength(text, code); length > 0) {
    if (reply_.enhanced.empty()) {
      reply_.enhanced = text.substr(0, length);
    }
    text.remove_prefix(std::min(text.size(), length + 1));
  }
  if (!reply_.text.empty() && !text.empty() && reply_.text.size() < kReplyText) {
    reply_.text += ' ';
  }
  reply_.text += CleanText(text, kReplyText - reply_.text.size());
  line_.clear();
  if (last) {
    state_ = State::kComplete;
  }
}

}  // namespace sealpost::net
