#include "mailer/base/threads.h"

#include <pthread.h>

#include <cstdlib>
#include <exception>
#include <utility>

namespace sealpost::base {
namespace {

constexpr std::size_t kThreadNameLimit = 15;  // the kernel's

}  // namespace

std::jthread StartThread(const std::string& name, Log& log, std::function<void(std::stop_token)> body) {
  return std::jthread([name = name.substr(0, kThreadNameLimit), &log, body = std::move(body)](std::stop_token stop) {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    try {
      body(std::move(stop));
    } catch (const std::exception& exception) {
      log.Error("thread_failed", {{"thread", name}, {"reason", exception.what()}});
      std::abort();
    } catch (...) {
      log.Error("thread_failed", {{"thread", name}, {"reason", "an exception that is no std::exception"}});
      std::abort();
    }
  });
}

}  // namespace sealpost::base
