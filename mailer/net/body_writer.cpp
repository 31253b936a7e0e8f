#include "mailer/net/body_writer.h"

#include <algorithm>

namespace sealpost::net {
namespace {

constexpr std::size_t kBlock = 64u << 10;

}  // namespace

std::optional<std::vector<std::size_t>> FindDots(std::string_view text) {
  std::vector<std::size_t> dots;
  if (text.empty()) {
    return dots;
  }
  if (!text.ends_with("\r\n")) {
    return std::nullopt;
  }
  if (text.front() == '.') {
    dots.push_back(0);
  }
  std::ptrdiff_t lines = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') {
      return std::nullopt;
    }
    ++lines;
    if (at + 1 < text.size() && text[at + 1] == '.') {
      dots.push_back(at + 1);
    }
  }
  // Every LF has its CR, so one CR more than LFs stands alone.
  return std::count(text.begin(), text.end(), '\r') == lines ? std::optional(std::move(dots)) : std::nullopt;
}

bool BodyWriter::Put(std::string_view part, const std::vector<std::size_t>& dots) {
  std::size_t from = 0;
  for (const std::size_t dot : dots) {
    if (!Append(part.substr(from, dot - from)) || !Append(".")) {
      return false;
    }
    from = dot;
  }
  return Append(part.substr(from));
}

bool BodyWriter::End(std::string_view commands) {
  if (!Append(".\r\n")) {
    return false;
  }
  end_ = connection_.written() + pending_.size();
  return Append(commands) && Flush();
}

bool BodyWriter::Append(std::string_view piece) {
  while (pending_.size() + piece.size() > kBlock) {
    // Each block has the whole time for itself, so a long body may take long as long as it moves.
    const std::string_view head = piece.substr(0, kBlock - pending_.size());
    if (pending_.empty()) {
      if (!connection_.Write(head, block_)) {
        return false;
      }
    } else {
      pending_ += head;
      if (!Flush()) {
        return false;
      }
    }
    piece.remove_prefix(head.size());
  }
  pending_ += piece;
  return true;
}

bool BodyWriter::Flush() {
  const bool sent = connection_.Write(pending_, block_);
  pending_.clear();
  return sent;
}

}  // namespace sealpost::net
