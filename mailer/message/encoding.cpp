#include "mailer/message/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>

#include "mailer/model/utf8.h"

namespace sealpost::message {

namespace {

constexpr std::size_t kLineAtMost = 75;  // the "=" of a soft break is the 76th
constexpr char kHexDigits[] = "0123456789ABCDEF";
constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What may stand for itself in quoted-printable, white space included.
constexpr std::array<bool, 256> kLiteral = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) table[c] = c != '=';
  table['\t'] = true;
  return table;
}();

class QuotedPrintableWriter {
 public:
  explicit QuotedPrintableWriter(std::string& out) : out_(out) {}

  // `more` follows on the same line, so white space at the end of `text` is not trailing.
  void Text(std::string_view text, bool more);
  void Whole(std::string_view word) {
    if (column_ + word.size() > kLineAtMost) SoftBreak();
    out_ += word;
    column_ += word.size();
  }

 private:
  void SoftBreak() {
    out_ += "=\r\n";
    column_ = 0;
  }
  void Escape(char c) {
    if (column_ + 3 > kLineAtMost) SoftBreak();
    const auto octet = static_cast<unsigned char>(c);
    const char escaped[] = {'=', kHexDigits[octet >> 4], kHexDigits[octet & 0x0F]};
    out_.append(escaped, 3);
    column_ += 3;
  }
  // A dot at the start of a line is what SMTP stuffs, "From " what mbox writers mangle: neither ever meets one.
  bool IsDangerousStart(std::string_view text) const {
    return column_ == 0 && (text.front() == '.' || text.starts_with("From "));
  }

  std::string& out_;
  std::size_t column_ = 0;
};

// Whether one of eight octets is anything but a printable ASCII character that may stand for itself. The known
// word-wide tests for "below n" and "equal to n": a byte loop would be most of the cost of composing.
bool HoldsSpecial(std::uint64_t octets) {
  constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - kEach) & ~word & kHigh; };
  const std::uint64_t below_space = (octets - kEach * ' ') & ~octets & kHigh;
  return ((octets & kHigh) | below_space | has_zero(octets ^ kEach * '=') | has_zero(octets ^ kEach * 0x7F)) != 0;
}

// How many characters at the start of `text` can be written as they are, within `room`.
std::size_t LiteralRun(std::string_view text, std::size_t room, bool more) {
  const std::size_t limit = std::min(text.size(), room);
  std::size_t run = 0;
  for (std::uint64_t octets = 0; run + sizeof octets <= limit; run += sizeof octets) {
    std::memcpy(&octets, text.data() + run, sizeof octets);
    if (HoldsSpecial(octets)) break;
  }
  while (run < limit && kLiteral[static_cast<unsigned char>(text[run])]) ++run;
  const bool ends_line = run == text.size() ? !more : text[run] == '\r' || text[run] == '\n';
  if (run > 0 && ends_line && (text[run - 1] == ' ' || text[run - 1] == '\t')) --run;
  return run;
}

void QuotedPrintableWriter::Text(std::string_view text, bool more) {
  while (!text.empty()) {
    if (text.front() == '\r' || text.front() == '\n') {
      text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
      out_ += "\r\n";
      column_ = 0;
      continue;
    }
    if (column_ == kLineAtMost) SoftBreak();
    const std::size_t run = IsDangerousStart(text) ? 0 : LiteralRun(text, kLineAtMost - column_, more);
    if (run == 0) {
      Escape(text.front());
      text.remove_prefix(1);
    } else {
      out_ += text.substr(0, run);
      column_ += run;
      text.remove_prefix(run);
    }
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void AppendUnescaped(std::string& out, std::string_view line) {
  while (!line.empty()) {
    const std::size_t equals = std::min(line.find('='), line.size());
    out += line.substr(0, equals);
    line.remove_prefix(equals);
    if (line.empty()) return;
    const int high = line.size() > 2 ? HexValue(line[1]) : -1;
    const int low = line.size() > 2 ? HexValue(line[2]) : -1;
    const bool is_escape = high >= 0 && low >= 0;
    out += is_escape ? static_cast<char>(high * 16 + low) : '=';
    line.remove_prefix(is_escape ? 3 : 1);
  }
}

void AppendBase64(std::string& out, std::string_view data) {
  const auto octet = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(data[i]); };
  std::size_t i = 0;
  for (; i + 3 <= data.size(); i += 3) {
    const std::uint32_t bits = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
    const char digits[] = {kBase64Digits[bits >> 18], kBase64Digits[bits >> 12 & 63], kBase64Digits[bits >> 6 & 63],
                           kBase64Digits[bits & 63]};
    out.append(digits, 4);
  }
  const std::size_t rest = data.size() - i;
  if (rest == 0) return;
  const std::uint32_t bits = octet(i) << 16 | (rest == 2 ? octet(i + 1) << 8 : 0);
  const char digits[] = {kBase64Digits[bits >> 18], kBase64Digits[bits >> 12 & 63],
                         rest == 2 ? kBase64Digits[bits >> 6 & 63] : '=', '='};
  out.append(digits, 4);
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  return model::IsValidUtf8(text);
}

void AppendQuotedPrintable(std::string& out, std::string_view text, std::string_view unbreakable) {
  QuotedPrintableWriter writer(out);
  if (!unbreakable.empty()) {
    const std::boyer_moore_horspool_searcher searcher(unbreakable.begin(), unbreakable.end());
    for (;;) {
      const auto found = std::search(text.begin(), text.end(), searcher);
      if (found == text.end()) break;
      const auto before = static_cast<std::size_t>(found - text.begin());
      writer.Text(text.substr(0, before), true);
      writer.Whole(unbreakable);
      text.remove_prefix(before + unbreakable.size());
    }
  }
  writer.Text(text, false);
}

std::string EncodeQuotedPrintable(std::string_view text, std::string_view unbreakable) {
  std::string out;
  out.reserve(text.size() + text.size() / 8 + 16);
  AppendQuotedPrintable(out, text, unbreakable);
  return out;
}

std::string DecodeQuotedPrintable(std::string_view encoded) {
  std::string out;
  out.reserve(encoded.size());
  while (!encoded.empty()) {
    const std::size_t end = encoded.find('\n');
    std::string_view line = encoded.substr(0, end);
    encoded.remove_prefix(end == std::string_view::npos ? encoded.size() : end + 1);
    // White space before a line end was added on the way (RFC 2045 6.7 rule 3): an encoder escapes its own.
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    const bool soft = line.ends_with('=');
    if (soft) line.remove_suffix(1);
    AppendUnescaped(out, line);
    if (!soft && end != std::string_view::npos) out += "\r\n";
  }
  return out;
}

void AppendBase64Lines(std::string& out, std::string_view data) {
  constexpr std::size_t kOctetsPerLine = 57;  // 76 characters
  out.reserve(out.size() + data.size() / kOctetsPerLine * 78 + 80);
  for (std::size_t at = 0; at < data.size(); at += kOctetsPerLine) {
    if (at > 0) out += "\r\n";
    AppendBase64(out, data.substr(at, kOctetsPerLine));
  }
}

std::string EncodeBase64Lines(std::string_view data) {
  std::string out;
  AppendBase64Lines(out, data);
  return out;
}

}  // namespace sealpost::message
