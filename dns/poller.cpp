#include "dns/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace sealpost::dns {
namespace {

constexpr int kEventsPerTurn = 64;
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);

int Opened(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

// Rounded up: a wait that ends before its time would spin until then.
int Milliseconds(std::chrono::steady_clock::time_point until) {
  const auto now = std::chrono::steady_clock::now();
  if (until <= now) return 0;
  if (until - now > kLongest) return static_cast<int>(kLongest.count());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now).count());
}

}  // namespace

Poller::Poller() : epoll_(Opened(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), wake_(-1) {
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) {
    const int error = errno;
    close(epoll_);
    throw std::system_error(error, std::generic_category(), "eventfd");
  }
  Watch(wake_, true, false);
}

Poller::~Poller() {
  close(wake_);
  close(epoll_);
}

void Poller::Watch(int fd, bool readable, bool writable) noexcept {
  epoll_event event{};
  event.data.fd = fd;
  event.events = (readable ? std::uint32_t{EPOLLIN} : 0) | (writable ? std::uint32_t{EPOLLOUT} : 0);
  if (!readable && !writable) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  } else if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) {
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

std::vector<Poller::Event> Poller::Wait(std::chrono::steady_clock::time_point until) {
  epoll_event events[kEventsPerTurn];
  const int count = epoll_wait(epoll_, events, kEventsPerTurn, Milliseconds(until));
  std::vector<Event> ready;
  for (int i = 0; i < std::max(count, 0); ++i) {
    if (events[i].data.fd == wake_) {
      std::uint64_t wakes;
      [[maybe_unused]] const ssize_t drained = read(wake_, &wakes, sizeof wakes);
      continue;
    }
    const bool error = (events[i].events & (EPOLLERR | EPOLLHUP)) != 0;
    ready.push_back(
        {events[i].data.fd, error || (events[i].events & EPOLLIN) != 0, error || (events[i].events & EPOLLOUT) != 0});
  }
  return ready;
}

void Poller::Wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

}  // namespace sealpost::dns
