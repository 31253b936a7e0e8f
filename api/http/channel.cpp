#include "api/http/channel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/Utility.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sealpost::http {
namespace {

bool Wait(int socket, short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd one{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

struct Channel::Impl {
  Poco::Net::StreamSocket plain;   // keeps the descriptor
  Poco::Net::StreamSocket socket;  // what is spoken over: the same, or TLS upon it
  bool tls = false;

  // Bytes done; 0: the peer has closed or broken the connection; negative: wait, then try again.
  template <class Attempt>
  int Try(Attempt attempt) {
    try {
      // What a handler left in this thread's OpenSSL queue would be taken for an error of this connection.
      if (tls) Poco::Net::Utility::clearErrorStack();
      return attempt();
    } catch (const Poco::Exception& error) {
      // A plain Poco socket throws where it would have to wait in order to send.
      return error.code() == EAGAIN ? -1 : 0;
    }
  }

  short Wanted(int result, short usual) const {
    if (!tls) return usual;
    return result == Poco::Net::SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : POLLIN;
  }
};

Channel::Channel(const Poco::Net::StreamSocket& accepted, Poco::Net::Context* context)
    : impl_(std::make_unique<Impl>(accepted, accepted, context != nullptr)) {
  // Before TLS is put upon it: Poco's TLS socket takes its blocking mode from the socket beneath.
  impl_->plain.setBlocking(false);
  if (context != nullptr) {
    impl_->socket = Poco::Net::SecureStreamSocket::attach(impl_->plain, Poco::AutoPtr(context, true));
  }
}

Channel::~Channel() = default;

Channel::Outcome Channel::Read(std::string& out, std::size_t room, Deadline deadline) {
  int got = 0;
  for (;;) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
      got = impl_->Try([&] { return impl_->socket.receiveBytes(data + before, static_cast<int>(room)); });
      return before + static_cast<std::size_t>(std::max(got, 0));
    });
    if (got > 0) return Outcome::kDone;
    if (got == 0) return Outcome::kClosed;
    if (!Wait(impl_->plain.impl()->sockfd(), impl_->Wanted(got, POLLIN), deadline)) return Outcome::kTimeout;
  }
}

Channel::Outcome Channel::Write(std::string_view bytes, Deadline deadline) {
  // TLS must be offered the same piece again after a wait.
  constexpr std::size_t kPiece = 256 * 1024;
  while (!bytes.empty()) {
    const int size = static_cast<int>(std::min(bytes.size(), kPiece));
    const int done = impl_->Try([&] { return impl_->socket.sendBytes(bytes.data(), size, MSG_NOSIGNAL); });
    if (done == 0) return Outcome::kClosed;
    if (done > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(done));
      continue;
    }
    if (!Wait(impl_->plain.impl()->sockfd(), impl_->Wanted(done, POLLOUT), deadline)) return Outcome::kTimeout;
  }
  return Outcome::kDone;
}

void Channel::Drain(std::size_t most, Deadline deadline) {
  const int socket = impl_->plain.impl()->sockfd();
  if (impl_->tls) {
    impl_->Try([&] {
      impl_->socket.shutdown();
      return 1;
    });
  }
  ::shutdown(socket, SHUT_WR);
  char waste[4096];
  while (most > 0 && Wait(socket, POLLIN, deadline)) {
    const auto got = ::recv(socket, waste, std::min(sizeof waste, most), MSG_DONTWAIT);
    if (got <= 0) return;
    most -= static_cast<std::size_t>(got);
  }
  // The sender's window is full by now: it stops writing, reads our answer, and closes.
  if (most == 0) Wait(socket, POLLRDHUP, deadline);
}

}  // namespace sealpost::http
