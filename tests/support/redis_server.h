// A Redis of the test's own: Debian's redis-server on a unix socket in a temporary folder, without a port and without
// a file on disk, so that it meets no other Redis and remembers nothing over a restart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace sealpost::tests {

// Belongs to the thread that made it, as Process does.
class RedisServer {
 public:
  // `settings` are further arguments, such as {"--maxmemory", "1mb"}. Returns when it accepts connections; throws
  // std::runtime_error if it does not.
  explicit RedisServer(std::vector<std::string> settings = {});

  std::string Url() const { return "redis+unix://" + socket(); }
  std::string socket() const { return folder_.File("redis.sock"); }

  void Start();   // after Stop or Kill, empty
  void Stop();    // as an operator would
  void Kill();    // SIGKILL
  void Freeze();  // accepts connections (the kernel does) and answers nothing
  void Thaw();

 private:
  TempFolder folder_;
  std::vector<std::string> settings_;
  std::optional<Process> process_;
};

}  // namespace sealpost::tests
