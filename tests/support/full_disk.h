// A disk without room, for tests of what happens when the store cannot write.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace sealpost::tests {

// While it lives, no file of this process grows beyond `bytes`. One at a time: the limit is the process's.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes = 0) : former_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &former_);
    rlimit limited = former_;
    limited.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit former_{};
  void (*former_handler_)(int);
};

}  // namespace sealpost::tests
