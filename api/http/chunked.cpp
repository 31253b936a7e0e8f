#include <algorithm>

#include "api/http/field_text.h"
#include "api/http/guard.h"

namespace sealpost::http {
namespace {

constexpr std::size_t kMostOverhead = 16 * 1024;
constexpr int kMostDigits = 16;  // what fits 64 bits

}  // namespace

ChunkedDecoder::State ChunkedDecoder::Feed(std::string_view& bytes, std::string& out) {
  while (!bytes.empty()) {
    if (step_ == Step::kData) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      out.append(bytes.substr(0, count));
      bytes.remove_prefix(count);
      left_ -= count;
      if (left_ == 0) step_ = Step::kDataCr;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (const State state = Take(c, out); state != State::kMore) return state;
  }
  return State::kMore;
}

ChunkedDecoder::State ChunkedDecoder::Take(char c, std::string& out) {
  const auto expect = [&](char wanted, Step next) {
    step_ = next;
    return c == wanted ? State::kMore : State::kBad;
  };
  switch (step_) {
    case Step::kSize:
      return TakeSize(c, out.size());
    case Step::kExtension:
      return TakeText(c, Step::kSizeLf);
    case Step::kSizeLf:
      digits_ = 0;
      return expect('\n', left_ == 0 ? Step::kTrailerStart : Step::kData);
    case Step::kDataCr:
      return expect('\r', Step::kDataLf);
    case Step::kDataLf:
      return expect('\n', Step::kSize);
    case Step::kTrailerStart:
      if (c == '\r') return expect('\r', Step::kEndLf);
      step_ = Step::kTrailer;
      return TakeText(c, Step::kTrailerLf);
    case Step::kTrailer:
      return TakeText(c, Step::kTrailerLf);
    case Step::kTrailerLf:
      return expect('\n', Step::kTrailerStart);
    case Step::kEndLf:
      return c == '\n' ? State::kDone : State::kBad;
    case Step::kData:
      break;
  }
  return State::kBad;
}

ChunkedDecoder::State ChunkedDecoder::TakeSize(char c, std::size_t used) {
  if (const int value = HexValue(c); value >= 0) {
    if (++digits_ > kMostDigits) return State::kBad;
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return State::kMore;
  }
  if (digits_ == 0 || (c != ';' && c != '\r')) return State::kBad;
  if (left_ > limit_ || used > limit_ - left_) return State::kTooLarge;
  step_ = c == ';' ? Step::kExtension : Step::kSizeLf;
  return State::kMore;
}

ChunkedDecoder::State ChunkedDecoder::TakeText(char c, Step after) {
  if (c == '\r') {
    step_ = after;
    return State::kMore;
  }
  const bool control = c != '\t' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
  if (control || ++overhead_ > kMostOverhead) return State::kBad;
  return State::kMore;
}

}  // namespace sealpost::http
