#include "api/http/guard.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "api/http/field_text.h"

namespace sealpost::http {
namespace {

constexpr std::size_t kLongestMethod = 32;

bool IsTokenCharacter(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsTokenCharacter);
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsVisible(char c) {
  return c > 0x20 && c < 0x7f;
}

// RFC 9110 5.5: visible characters, spaces, tabs and bytes of other character sets; no control character.
bool IsValueCharacter(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

// Takes the next line without its CRLF; nothing if it does not end in exactly that (RFC 9112 2.2).
std::optional<std::string_view> TakeWholeLine(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool IsHost(std::string_view host) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:[]%";
  return !host.empty() && std::ranges::all_of(host, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// The four forms of RFC 9112 3.2; the authority form belongs to CONNECT, which is refused before.
bool IsTarget(std::string_view target, std::string_view method) {
  if (!std::ranges::all_of(target, IsVisible) || target.find('#') != std::string_view::npos) return false;
  if (target == "*") return method == "OPTIONS";
  if (target.starts_with('/')) return true;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return false;
  if (!SameText(target.substr(0, scheme), "http") && !SameText(target.substr(0, scheme), "https")) return false;
  target.remove_prefix(scheme + 3);
  return IsHost(target.substr(0, target.find_first_of("/?")));
}

// One head on its way through the rules. Each step returns the refusal, or nothing to go on.
class Judge {
 public:
  explicit Judge(const HeadLimits& limits) : limits_(limits) {}

  using Verdict = std::optional<Refusal>;
  Verdict RequestLine(std::string_view line);
  Verdict Field(std::string_view line);
  Verdict Whole();
  const Head& head() const { return head_; }

 private:
  Verdict Version(std::string_view version);
  Verdict Known(std::string_view name, std::string_view value);
  Verdict Length(std::string_view value);
  Verdict Coding(std::string_view value);
  void Connection(std::string_view value);

  const HeadLimits& limits_;
  Head head_;
  std::size_t fields_ = 0;
  int hosts_ = 0, lengths_ = 0, codings_ = 0;
};

Judge::Verdict Judge::RequestLine(std::string_view line) {
  if (line.size() > limits_.request_line) {
    return Refusal{414, "The request line is longer than " + std::to_string(limits_.request_line) + " bytes."};
  }
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || line.find(' ', second + 1) != std::string_view::npos) {
    return Refusal{400, "The request line is not METHOD TARGET VERSION with single spaces."};
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  if (!IsToken(method)) return Refusal{400, "The method of the request is malformed."};
  if (auto refusal = Version(line.substr(second + 1))) return refusal;
  if (method.size() > kLongestMethod || method == "CONNECT") {
    return Refusal{501, "The method of the request is not implemented here."};
  }
  if (!IsTarget(target, method)) return Refusal{400, "The request target is malformed."};
  return std::nullopt;
}

Judge::Verdict Judge::Version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && IsDigit(version[5]) &&
                           version[6] == '.' && IsDigit(version[7]);
  if (!well_formed) return Refusal{400, "The version of the request is malformed; use HTTP/1.1."};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, "This version of HTTP is not served; use HTTP/1.1."};
  }
  head_.http11 = version == "HTTP/1.1";
  head_.keep_alive = head_.http11;
  return std::nullopt;
}

Judge::Verdict Judge::Field(std::string_view line) {
  if (++fields_ > limits_.fields) {
    return Refusal{431, "The request has more than " + std::to_string(limits_.fields) + " header fields."};
  }
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return Refusal{400, "A header field is continued on a second line, which HTTP/1.1 forbids."};
  }
  const auto colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !IsToken(name))
    return Refusal{400, "The name of a header field is malformed."};
  const std::string_view value = Trim(line.substr(colon + 1));
  if (name.size() > limits_.field_name || value.size() > limits_.field_value) {
    return Refusal{431, "A header field is longer than " + std::to_string(limits_.field_value) + " bytes (its name " +
                            std::to_string(limits_.field_name) + ")."};
  }
  if (!std::ranges::all_of(value, IsValueCharacter)) {
    return Refusal{400, "A header field holds a control character."};
  }
  return Known(name, value);
}

// The fields that decide where a request ends and whom it is for.
Judge::Verdict Judge::Known(std::string_view name, std::string_view value) {
  if (SameText(name, "Host")) {
    if (++hosts_ > 1) return Refusal{400, "The request has more than one Host header."};
    if (!IsHost(value)) return Refusal{400, "The Host header is malformed."};
  } else if (SameText(name, "Content-Length")) {
    return Length(value);
  } else if (SameText(name, "Transfer-Encoding")) {
    return Coding(value);
  } else if (SameText(name, "Expect")) {
    head_.expect_continue = SameText(value, "100-continue");
  } else if (SameText(name, "Connection")) {
    Connection(value);
  }
  return std::nullopt;
}

Judge::Verdict Judge::Length(std::string_view value) {
  // Two equal lengths could be folded into one (RFC 9112 6.3); no honest client sends them.
  if (++lengths_ > 1) return Refusal{400, "The request has more than one Content-Length header."};
  if (value.empty() || !std::ranges::all_of(value, IsDigit)) {
    return Refusal{400, "The Content-Length header is not a whole number."};
  }
  std::uint64_t length = 0;
  for (const char c : value) {
    if (length > (std::numeric_limits<std::uint64_t>::max() - 9) / 10) {
      return Refusal{413, "The Content-Length header is larger than any body this server takes."};
    }
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  head_.content_length = length;
  return std::nullopt;
}

Judge::Verdict Judge::Coding(std::string_view value) {
  if (++codings_ > 1) return Refusal{400, "The request has more than one Transfer-Encoding header."};
  const auto comma = value.rfind(',');
  const std::string_view last = Trim(comma == std::string_view::npos ? value : value.substr(comma + 1));
  // Without a final "chunked" nobody knows where the body ends (RFC 9112 6.3).
  if (!SameText(last, "chunked")) return Refusal{400, "The Transfer-Encoding does not end in \"chunked\"."};
  if (comma != std::string_view::npos) {
    return Refusal{501, "Transfer codings other than \"chunked\" are not implemented here."};
  }
  head_.chunked = true;
  return std::nullopt;
}

void Judge::Connection(std::string_view value) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (SameText(Trim(value.substr(0, comma)), "close")) head_.keep_alive = false;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

Judge::Verdict Judge::Whole() {
  if (head_.http11 && hosts_ == 0) return Refusal{400, "The request has no Host header."};
  if (codings_ > 0 && lengths_ > 0) {
    return Refusal{400, "The request has both Content-Length and Transfer-Encoding."};
  }
  if (codings_ > 0 && !head_.http11) return Refusal{400, "Transfer-Encoding needs HTTP/1.1."};
  if (!head_.http11) head_.expect_continue = false;
  return std::nullopt;
}

}  // namespace

std::size_t FindHeadEnd(std::string_view bytes) {
  for (auto at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    const std::string_view rest = bytes.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return 0;
}

std::expected<Head, Refusal> JudgeHead(std::string_view head, const HeadLimits& limits) {
  if (head.size() > limits.head_bytes) {
    return std::unexpected(
        Refusal{431, "The head of the request is longer than " + std::to_string(limits.head_bytes) + " bytes."});
  }
  const Refusal bad_line{400, "A line of the request's head does not end in CRLF."};
  Judge judge(limits);
  const auto request_line = TakeWholeLine(head);
  if (!request_line) return std::unexpected(bad_line);
  if (auto refusal = judge.RequestLine(*request_line)) return std::unexpected(*refusal);
  for (;;) {
    const auto line = TakeWholeLine(head);
    if (!line) return std::unexpected(bad_line);
    if (line->empty()) break;
    if (auto refusal = judge.Field(*line)) return std::unexpected(*refusal);
  }
  if (!head.empty()) return std::unexpected(Refusal{400, "The head of the request is malformed."});
  if (auto refusal = judge.Whole()) return std::unexpected(*refusal);
  return judge.head();
}

}  // namespace sealpost::http
