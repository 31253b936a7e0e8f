#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "tests/support/deadline.h"

namespace sealpost::tests {
namespace {

void Close(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

bool WaitReadable(int descriptor, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{descriptor, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Later entries win, as the last assignment in a shell does.
std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view own(*entry);
    const std::string_view name = own.substr(0, own.find('=') + 1);
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const auto& a) { return a.starts_with(name); });
    if (!replaced) all.emplace_back(own);
  }
  all.insert(all.end(), added.begin(), added.end());
  return all;
}

struct Child {
  char** arguments;
  char** environment;
  const ProcessOptions* options;
  int input;
  int output;
  int failure;
  pid_t parent;
};

// Between fork and exec: nothing here may allocate, because another thread may have held the heap's lock.
[[noreturn]] void BecomeProgram(const Child& child) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  bool ready = ::getppid() == child.parent && ::dup2(child.input, 0) == 0 && ::dup2(child.output, 1) == 1;
  if (ready && !child.options->error_file.empty()) {
    const int errors = ::open(child.options->error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ready = errors >= 0 && ::dup2(errors, 2) == 2;
  }
  if (ready && !child.options->folder.empty()) ready = ::chdir(child.options->folder.c_str()) == 0;
  if (ready) ::execvpe(child.arguments[0], child.arguments, child.environment);
  const int reason = errno;
  (void)!::write(child.failure, &reason, sizeof reason);
  ::_exit(127);
}

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  ~Pipe() {
    Close(ends[0]);
    Close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int ends[2] = {-1, -1};
};

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  std::vector<std::string> argument_texts = arguments;
  std::vector<std::string> environment_texts = Environment(options.environment);
  std::vector<char*> argument_list = Pointers(argument_texts);
  std::vector<char*> environment_list = Pointers(environment_texts);
  Pipe input;
  Pipe output;
  Pipe failure;
  const Child child{argument_list.data(), environment_list.data(), &options,  input.ends[0],
                    output.ends[1],       failure.ends[1],         ::getpid()};
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) BecomeProgram(child);

  ::setpgid(pid_, pid_);  // whoever of the two is first
  process_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  input_ = std::exchange(input.ends[1], -1);
  output_ = std::exchange(output.ends[0], -1);
  Close(failure.ends[1]);
  int reason = 0;
  if (process_ < 0 || ::read(failure.ends[0], &reason, sizeof reason) > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    Close(process_);
    Close(input_);
    Close(output_);
    throw std::runtime_error("cannot run " + arguments.at(0) + ": " + std::strerror(reason));
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      process_(std::exchange(other.process_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(process_, other.process_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(buffer_, other.buffer_);
  std::swap(exit_code_, other.exit_code_);
  return *this;
}

Process::~Process() {
  Kill();
  Close(process_);
  Close(input_);
  Close(output_);
}

bool Process::Write(std::string_view text) {
  // A program that has gone must fail this test, not end it.
  sigset_t pipe_signal;
  sigset_t before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  bool good = true;
  while (good && !text.empty()) {
    const ssize_t count = ::write(input_, text.data(), text.size());
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    good = count > 0 || errno == EINTR;
  }
  const timespec at_once{};
  ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return good;
}

void Process::CloseInput() {
  Close(input_);
}

bool Process::FillBuffer(Deadline deadline) {
  char chunk[16384];
  if (output_ < 0 || !WaitReadable(output_, deadline)) return false;
  const ssize_t count = ::read(output_, chunk, sizeof chunk);
  if (count > 0) buffer_.append(chunk, static_cast<std::size_t>(count));
  return count > 0;
}

std::optional<std::string> Process::ReadLine(std::chrono::milliseconds limit) {
  const Deadline deadline = In(limit);
  std::size_t end = buffer_.find('\n');
  while (end == std::string::npos) {
    if (!FillBuffer(deadline)) return std::nullopt;
    end = buffer_.find('\n');
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

std::string Process::ReadRest(std::chrono::milliseconds limit) {
  const Deadline deadline = In(limit);
  while (FillBuffer(deadline)) {
  }
  return std::exchange(buffer_, {});
}

void Process::Signal(int signal) const {
  if (pid_ > 0 && !exit_code_) ::kill(pid_, signal);
}

std::optional<int> Process::Wait(std::chrono::milliseconds limit) {
  if (pid_ <= 0 || exit_code_ || !WaitReadable(process_, In(limit))) return exit_code_;
  // Looks, but does not take it away: until Kill has ended its group, nobody else may get its number.
  siginfo_t facts{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOWAIT) == 0) {
    exit_code_ = facts.si_code == CLD_EXITED ? facts.si_status : -facts.si_status;
  }
  return exit_code_;
}

bool Process::Running() {
  return pid_ > 0 && !Wait(std::chrono::milliseconds(0));
}

void Process::Kill() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  Wait();
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Outcome Run(const std::vector<std::string>& arguments, const ProcessOptions& options, std::chrono::milliseconds limit) {
  Process process(arguments, options);
  process.CloseInput();
  std::string output = process.ReadRest(limit);
  return {process.Wait(limit), std::move(output)};
}

}  // namespace sealpost::tests
