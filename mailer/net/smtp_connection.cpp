#include "mailer/net/smtp_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "mailer/net/reply_parser.h"
#include "mailer/net/smtp_open.h"

namespace sealpost::net {
namespace {

using model::SmtpReply;
using model::SmtpStage;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;

// Waits for the socket until the deadline; false if the time is over.
bool AwaitSocket(curl_socket_t socket, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(deadline - Clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd wanted{socket, events, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) {
      return true;  // the next send or receive tells what is wrong
    }
  }
}

}  // namespace

struct SmtpConnection::Impl {
  enum class Received { kBytes, kClosed, kNothing };

  Opened opened;
  std::string host;
  Timeouts timeouts;
  std::string input;  // received, not yet part of a reply
  std::uint64_t written = 0;
  bool alive = true;
  std::atomic<bool> cancelled = false;

  // What is there at this moment. Asked before poll(): TLS may hold decrypted bytes that poll() knows nothing of.
  Received Receive() {
    std::array<char, 4096> bytes;
    std::size_t count = 0;
    const CURLcode code = curl_easy_recv(opened.easy.get(), bytes.data(), bytes.size(), &count);
    if (code == CURLE_AGAIN) {
      return Received::kNothing;
    }
    if (code != CURLE_OK || count == 0) {
      return Received::kClosed;
    }
    input.append(bytes.data(), count);
    return Received::kBytes;
  }

  SmtpReply Lost(SmtpStage stage, std::string why) {
    alive = false;
    return {0, "", cancelled ? "cut off: shutting down" : std::move(why), stage};
  }
};

SmtpConnection::SmtpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SmtpConnection::~SmtpConnection() = default;

std::expected<std::unique_ptr<SmtpConnection>, SmtpReply> SmtpConnection::Open(const SmtpPeer& peer,
                                                                               const Timeouts& timeouts,
                                                                               std::stop_token stop) {
  auto opened = OpenSmtp(peer, timeouts, std::move(stop));
  if (!opened) {
    return std::unexpected(std::move(opened.error()));
  }
  auto impl = std::make_unique<Impl>();
  impl->opened = std::move(*opened);
  impl->host = peer.host + ":" + std::to_string(peer.port);
  impl->timeouts = timeouts;
  return std::unique_ptr<SmtpConnection>(new SmtpConnection(std::move(impl)));
}

const Capabilities& SmtpConnection::capabilities() const {
  return impl_->opened.capabilities;
}
const std::string& SmtpConnection::tls() const {
  return *impl_->opened.tls;
}
const std::string& SmtpConnection::host() const {
  return impl_->host;
}
std::uint64_t SmtpConnection::written() const {
  return impl_->written;
}
bool SmtpConnection::alive() const {
  return impl_->alive && !impl_->cancelled;
}

bool SmtpConnection::Write(std::string_view bytes, Millis within) {
  const auto deadline = Clock::now() + within;
  while (!bytes.empty() && alive()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(impl_->opened.easy.get(), bytes.data(), bytes.size(), &sent);
    if (code == CURLE_OK) {
      bytes.remove_prefix(sent);
      impl_->written += sent;
    } else if (code != CURLE_AGAIN || !AwaitSocket(impl_->opened.socket, POLLOUT, deadline)) {
      impl_->alive = false;
    }
  }
  return alive();
}

SmtpReply SmtpConnection::ReadReply(SmtpStage stage, Millis within) {
  const auto deadline = Clock::now() + within;
  ReplyParser parser(stage);
  for (;;) {
    impl_->input.erase(0, parser.Feed(impl_->input));
    if (parser.state() == ReplyParser::State::kComplete) {
      impl_->alive = impl_->alive && parser.reply().code != 421;  // RFC 5321 3.8: the server is closing
      return parser.reply();
    }
    if (parser.state() == ReplyParser::State::kBroken) {
      return impl_->Lost(stage, "the server's answer is no SMTP reply");
    }
    const auto received = impl_->Receive();
    if (received == Impl::Received::kClosed) {
      return impl_->Lost(stage, "the server closed the connection");
    }
    if (received == Impl::Received::kNothing && !AwaitSocket(impl_->opened.socket, POLLIN, deadline)) {
      return impl_->Lost(stage, "no answer within " + std::to_string(within.count()) + " ms");
    }
    // A peer that drips bytes is always readable, so the deadline is looked at here as well.
    if (within.count() > 0 && Clock::now() >= deadline) {
      return impl_->Lost(stage, "no whole answer within " + std::to_string(within.count()) + " ms");
    }
  }
}

bool SmtpConnection::HasUnread() {
  if (impl_->input.empty() && impl_->Receive() == Impl::Received::kClosed) {
    impl_->alive = false;
  }
  return !impl_->input.empty() || !alive();
}

void SmtpConnection::Quit() {
  if (alive() && Write("QUIT\r\n", impl_->timeouts.quit)) {
    ReadReply(SmtpStage::kConnect, impl_->timeouts.quit);
  }
  impl_->alive = false;
}

void SmtpConnection::Cancel() {
  // Closing is left to the owner: the descriptor must stay ours while a thread polls it.
  impl_->cancelled = true;
  ::shutdown(impl_->opened.socket, SHUT_RDWR);
}

}  // namespace sealpost::net
