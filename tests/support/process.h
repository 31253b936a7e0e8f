// A program run by a test: its lines are read with a deadline, and it never outlives the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::tests {

struct ProcessOptions {
  std::vector<std::string> environment = {};  // "NAME=value", added to the test's own
  std::string folder = {};                    // where it runs; empty: where the test runs
  std::string error_file = {};                // stderr goes there (appended); empty: to the test's own
};

// Belongs to the thread that made it. The destructor kills the program and all it started (it leads a process group
// of its own); if that thread or the test dies, the kernel kills the program.
class Process {
 public:
  static constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(30);

  // arguments[0] is the program, found in PATH if it has no slash. Throws std::runtime_error if it cannot start.
  explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  // -1 after Kill.
  pid_t pid() const { return pid_; }
  // Writes to its standard input; false if it does not read any more.
  bool Write(std::string_view text);
  void CloseInput();
  // The next line of its standard output, without the line end. Nothing at the end of the output or when the time
  // is over.
  std::optional<std::string> ReadLine(std::chrono::milliseconds limit = kPatience);
  // Everything up to the end of its standard output, or up to the time limit.
  std::string ReadRest(std::chrono::milliseconds limit = kPatience);

  void Signal(int signal) const;
  // The exit code, or minus the signal that ended it. Nothing if it still runs when the time is over.
  std::optional<int> Wait(std::chrono::milliseconds limit = kPatience);
  bool Running();
  // SIGKILL to it and to all it started, and waits until it is gone.
  void Kill();

 private:
  bool FillBuffer(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  int process_ = -1;  // pidfd
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> exit_code_;
};

// Runs a program to its end: its exit code (as Process::Wait) and its standard output.
struct Outcome {
  std::optional<int> exit_code;
  std::string output;
};
Outcome Run(const std::vector<std::string>& arguments, const ProcessOptions& options = {},
            std::chrono::milliseconds limit = Process::kPatience);

}  // namespace sealpost::tests
