// The guard: every byte of a request's head passes here before anything else looks at it. Poco 1.11's own HTTP server
// answers the bytes after a wrong length as a second request and accepts a missing Host, bare LF and any version token.
//
// Pure part: judges a complete head. Rules: RFC 9112 2.2, 3, 3.2, 5.1, 6.1-6.3 (one Content-Length of digits only,
// never with Transfer-Encoding; Transfer-Encoding only "chunked", only in HTTP/1.1), 7.1; RFC 9110 5.5, 7.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sealpost::http {

struct Head {
  bool http11 = true;
  bool chunked = false;
  std::uint64_t content_length = 0;
  bool expect_continue = false;
  bool keep_alive = true;
};

struct Refusal {
  int status = 400;  // 400, 413, 414, 431, 501, 505
  std::string message;
};

struct HeadLimits {
  std::size_t head_bytes = 32 * 1024;
  std::size_t request_line = 8 * 1024;
  std::size_t fields = 100;
  std::size_t field_name = 256;
  std::size_t field_value = 8000;
};

// Index just after the empty line that ends the head, or 0 if it is not complete yet. A line feed alone ends a line
// here, so that a head written that way is refused at once by JudgeHead and not waited for.
std::size_t FindHeadEnd(std::string_view bytes);
// `head` is the request line and fields with the final empty line. Messages name the fault, never quote the input.
std::expected<Head, Refusal> JudgeHead(std::string_view head, const HeadLimits& limits);

// Decodes chunked bodies (RFC 9112 7.1) as bytes come; strict in sizes and line ends, bounded in total.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(std::size_t limit) : limit_(limit) {}
  enum class State { kMore, kDone, kBad, kTooLarge };
  // Consumes from `bytes` (shortening it) and appends content to `out`.
  State Feed(std::string_view& bytes, std::string& out);

 private:
  enum class Step { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kTrailerStart, kTrailer, kTrailerLf, kEndLf };
  State Take(char c, std::string& out);  // one byte outside of chunk data
  State TakeSize(char c, std::size_t used);
  State TakeText(char c, Step after);

  std::size_t limit_;
  Step step_ = Step::kSize;
  std::uint64_t left_ = 0;  // of the size being read, then of the data
  int digits_ = 0;
  std::size_t overhead_ = 0;  // bytes of extensions and trailers, which carry nothing we use
};

}  // namespace sealpost::http
