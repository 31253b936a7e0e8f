#include "api/http/request_reader.h"

#include <algorithm>
#include <utility>

#include "api/http/wire.h"

namespace sealpost::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 16 * 1024;
constexpr std::size_t kBodyReadSize = 256 * 1024;
constexpr HeadLimits kHeadLimits;

std::unexpected<End> Refused(int status, std::string message) {
  return std::unexpected(End(Refusal{status, std::move(message)}));
}

std::unexpected<End> NoRoom() {
  return Refused(503, "The server is reading too many large bodies at the moment. Try again in a few seconds.");
}

std::unexpected<End> TooLarge(std::size_t limit) {
  return Refused(413, "The body is larger than " + std::to_string(limit) + " bytes, the limit of this server.");
}

}  // namespace

bool RequestReader::Await(Deadline deadline) {
  return !buffer_.empty() || channel_.Read(buffer_, kReadSize, deadline) == Channel::Outcome::kDone;
}

std::expected<Incoming, End> RequestReader::Read(BodyBudget::Lease& lease) {
  const auto size = FindHead();
  if (!size) return std::unexpected(size.error());
  const std::string_view bytes = std::string_view(buffer_).substr(0, *size);
  const auto head = JudgeHead(bytes, kHeadLimits);
  if (!head) return std::unexpected(End(head.error()));
  if (head->content_length > options_.body_bytes) return TooLarge(options_.body_bytes);
  auto request = ParseHead(bytes);
  if (!request) return std::unexpected(End(request.error()));
  buffer_.erase(0, *size);
  if (auto step = ReadBody(*head, request->body, lease); !step) return std::unexpected(step.error());
  return Incoming{std::move(*request), head->keep_alive};
}

std::expected<std::size_t, End> RequestReader::FindHead() {
  // One deadline for the whole head: a byte now and then does not buy time.
  const Deadline deadline = steady_clock::now() + options_.head_time;
  std::size_t searched = 0;
  for (;;) {
    // An empty line before the request is forgiven (RFC 9112 2.2).
    if (searched == 0 && buffer_.starts_with("\r\n")) buffer_.erase(0, 2);
    const std::string_view seen = buffer_;
    if (const std::size_t found = FindHeadEnd(seen.substr(searched)); found > 0) return searched + found;
    if (seen.size() > kHeadLimits.request_line && seen.find('\n') > kHeadLimits.request_line) {
      return Refused(414, "The request line is longer than " + std::to_string(kHeadLimits.request_line) + " bytes.");
    }
    if (seen.size() > kHeadLimits.head_bytes) {
      return Refused(431, "The head is longer than " + std::to_string(kHeadLimits.head_bytes) + " bytes.");
    }
    searched = seen.size() - std::min<std::size_t>(seen.size(), 3);
    if (auto step = Fill(buffer_, kReadSize, deadline, "head"); !step) return std::unexpected(step.error());
  }
}

RequestReader::Step RequestReader::ReadBody(const Head& head, std::string& body, BodyBudget::Lease& lease) {
  const Deadline deadline = steady_clock::now() + options_.body_time;
  if (!head.chunked && head.content_length == 0) return {};
  // Asked for only where nothing of the body has come (RFC 9110 10.1.1).
  if (head.expect_continue && buffer_.empty() &&
      channel_.Write("HTTP/1.1 100 Continue\r\n\r\n", deadline) != Channel::Outcome::kDone) {
    return std::unexpected(End());
  }
  if (head.chunked) return ReadChunked(body, lease, deadline);
  return ReadCounted(static_cast<std::size_t>(head.content_length), body, lease, deadline);
}

RequestReader::Step RequestReader::ReadCounted(std::size_t length, std::string& body, BodyBudget::Lease& lease,
                                               Deadline deadline) {
  const std::size_t here = std::min(length, buffer_.size());
  if (here == buffer_.size()) {
    body = std::exchange(buffer_, {});
  } else {
    body = buffer_.substr(0, here);
    buffer_.erase(0, here);
  }
  while (body.size() < length) {
    const std::size_t room = std::min(length - body.size(), kBodyReadSize);
    // Memory is paid for as it comes: an announced length alone takes no room from others.
    if (!lease.GrowTo(body.size() + room)) return NoRoom();
    if (auto step = Fill(body, room, deadline, "body"); !step) return step;
  }
  return {};
}

RequestReader::Step RequestReader::ReadChunked(std::string& body, BodyBudget::Lease& lease, Deadline deadline) {
  ChunkedDecoder decoder(options_.body_bytes);
  for (;;) {
    if (!lease.GrowTo(body.size() + buffer_.size())) return NoRoom();
    std::string_view bytes = buffer_;
    const auto state = decoder.Feed(bytes, body);
    buffer_.erase(0, buffer_.size() - bytes.size());
    switch (state) {
      case ChunkedDecoder::State::kDone:
        return {};
      case ChunkedDecoder::State::kBad:
        return Refused(400, "The chunks of the body are malformed (RFC 9112 7.1).");
      case ChunkedDecoder::State::kTooLarge:
        return TooLarge(options_.body_bytes);
      case ChunkedDecoder::State::kMore:
        if (auto step = Fill(buffer_, kReadSize, deadline, "body"); !step) return step;
    }
  }
}

RequestReader::Step RequestReader::Fill(std::string& into, std::size_t room, Deadline deadline, std::string_view what) {
  switch (channel_.Read(into, room, deadline)) {
    case Channel::Outcome::kDone:
      return {};
    case Channel::Outcome::kClosed:
      return std::unexpected(End());
    case Channel::Outcome::kTimeout:
      break;
  }
  return Refused(408, "The " + std::string(what) + " of the request did not arrive in time.");
}

}  // namespace sealpost::http
