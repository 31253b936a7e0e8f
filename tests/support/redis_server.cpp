#include "tests/support/redis_server.h"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace sealpost::tests {

RedisServer::RedisServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  Start();
}

void RedisServer::Start() {
  // A killed server leaves its socket behind.
  std::filesystem::remove(socket());
  std::vector<std::string> arguments{
      "/usr/bin/redis-server", "--port", "0",     "--unixsocket", socket(),      "--save", "",
      "--appendonly",          "no",     "--dir", folder_.path(), "--daemonize", "no"};
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  process_.emplace(arguments);
  std::string seen;
  while (const auto line = process_->ReadLine()) {
    if (line->find("ready to accept connections") != std::string::npos) return;
    seen += *line + '\n';
  }
  throw std::runtime_error("redis-server does not start:\n" + seen);
}

void RedisServer::Stop() {
  process_->Signal(SIGTERM);
  process_->Wait();
  process_.reset();
}

void RedisServer::Kill() {
  process_.reset();
}

void RedisServer::Freeze() {
  process_->Signal(SIGSTOP);
}

void RedisServer::Thaw() {
  process_->Signal(SIGCONT);
}

}  // namespace sealpost::tests
