// One accepted socket, plain or TLS, whose every wait has a deadline. Not thread safe; the socket may be shut down by
// another thread, which ends a wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace Poco::Net {
class StreamSocket;
class Context;
}  // namespace Poco::Net

namespace sealpost::http {

using Deadline = std::chrono::steady_clock::time_point;

class Channel {
 public:
  enum class Outcome { kDone, kClosed, kTimeout };

  // `context` is null for a plain connection. The handshake belongs to the first read or write and its deadline.
  Channel(const Poco::Net::StreamSocket& accepted, Poco::Net::Context* context);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Appends what has come, at least one and at most `room` bytes.
  Outcome Read(std::string& out, std::size_t room, Deadline deadline);
  Outcome Write(std::string_view bytes, Deadline deadline);
  // Ends our side, then throws away what the peer still sends, so that closing does not destroy an answer that the
  // peer has not read yet. Gives up after `most` bytes or at the deadline.
  void Drain(std::size_t most, Deadline deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::http
