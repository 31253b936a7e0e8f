#include "mailer/base/threads.h"

#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <stdexcept>

#include "mailer/base/json.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::base;

namespace {

std::string NameSeenBy(const std::string& name) {
  Log log(LogLevel::kOff);
  std::string seen(16, '\0');
  StartThread(name, log, [&](const std::stop_token&) {
    ::pthread_getname_np(::pthread_self(), seen.data(), seen.size());
  }).join();
  return seen.c_str();
}

// The end of a process whose thread runs `body`: its signal, and what it wrote to stderr.
std::pair<int, std::string> EndOf(void (*body)(std::stop_token)) {
  const sealpost::tests::TempFolder folder;
  const std::string path = folder.Write("err", "");
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    if (::freopen(path.c_str(), "a", stderr) == nullptr) ::_exit(3);
    ::signal(SIGABRT, SIG_DFL);
    Log log(LogLevel::kInfo);
    StartThread("broken", log, body).join();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return {WIFSIGNALED(status) ? WTERMSIG(status) : 0, folder.Read("err")};
}

}  // namespace

TEST_CASE("a thread bears its name, cut to what the kernel keeps") {
  CHECK(NameSeenBy("lane 7") == "lane 7");
  CHECK(NameSeenBy("a name of more than fifteen") == "a name of more ");
}

TEST_CASE("a thread is told to stop and joined when its object goes") {
  Log log(LogLevel::kOff);
  bool stopped = false;
  {
    const auto thread = StartThread("waits", log, [&](std::stop_token stop) {
      std::mutex mutex;
      std::condition_variable_any signal;
      std::unique_lock lock(mutex);
      signal.wait(lock, stop, [] { return false; });
      stopped = stop.stop_requested();
    });
  }
  CHECK(stopped);
}

TEST_CASE("an exception that leaves a thread is logged and ends the program") {
  const auto [signal, text] = EndOf([](std::stop_token) { throw std::runtime_error("out of \"luck\""); });
  CHECK(signal == SIGABRT);
  const auto document = JsonDocument::Parse(text.substr(0, text.find('\n')));
  REQUIRE(document.has_value());
  CHECK(document->Root()["level"].String() == "error");
  CHECK(document->Root()["event"].String() == "thread_failed");
  CHECK(document->Root()["thread"].String() == "broken");
  CHECK(document->Root()["reason"].String() == "out of \"luck\"");
}

TEST_CASE("anything else that is thrown out of a thread ends the program too") {
  CHECK(EndOf([](std::stop_token) { throw 7; }).first == SIGABRT);
}
