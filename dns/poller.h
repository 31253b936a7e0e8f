// Waiting for sockets (epoll) and for other threads (eventfd). Wake() from any thread, all else from one.
#pragma once

#include <chrono>
#include <vector>

namespace sealpost::dns {

class Poller {
 public:
  struct Event {
    int fd;
    bool readable;  // also after an error, so that reading finds it
    bool writable;
  };

  Poller();  // throws std::system_error
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Both false: no longer. Owns no socket.
  void Watch(int fd, bool readable, bool writable) noexcept;
  // Returns at an event, at Wake(), or at `until`; never before without one.
  std::vector<Event> Wait(std::chrono::steady_clock::time_point until);
  void Wake() noexcept;

 private:
  int epoll_;
  int wake_;
};

}  // namespace sealpost::dns
