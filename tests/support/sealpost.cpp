#include "tests/support/sealpost.h"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace sealpost::tests {
namespace {

// The number behind the first `mark` of the ready line; 0 if there is none.
std::uint16_t PortBehind(const std::string& line, const std::string& mark) {
  const std::size_t at = line.find(mark);
  return at == std::string::npos ? 0 : static_cast<std::uint16_t>(std::atoi(line.c_str() + at + mark.size()));
}

}  // namespace

Sealpost::Sealpost(std::vector<std::string> arguments, const TempFolder& folder, std::vector<std::string> environment)
    : process_(arguments, {.environment = std::move(environment), .error_file = folder.File("stderr")}) {
  const auto line = process_.ReadLine();
  if (!line || !line->starts_with("ready ")) {
    throw std::runtime_error(arguments[1] + " does not get ready:\n" + folder.Read("stderr"));
  }
  ready_line_ = *line;
  // dev: "ready http://HOST:PORT catcher HOST:PORT data DIR"; serve: "ready LISTEN port PORT".
  port_ = PortBehind(ready_line_, " port ");
  if (port_ == 0) {
    port_ = PortBehind(ready_line_, "http://127.0.0.1:");
    catcher_port_ = PortBehind(ready_line_, "catcher 127.0.0.1:");
  }
  if (port_ == 0) throw std::runtime_error("no port in: " + ready_line_);
  client_.emplace(port_);
}

HttpHeaders Sealpost::WithKey(const HttpHeaders& more) const {
  HttpHeaders headers = {{"Authorization", "Bearer " + key_}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

HttpReply Sealpost::Get(std::string_view path) {
  return client_->Get(path, WithKey({}));
}

HttpReply Sealpost::Post(std::string_view path, std::string_view json, const HttpHeaders& more) {
  HttpHeaders headers = WithKey({{"Content-Type", "application/json"}});
  headers.insert(headers.end(), more.begin(), more.end());
  return client_->Post(path, headers, json);
}

HttpReply Sealpost::Patch(std::string_view path, std::string_view json) {
  return client_->Do("PATCH", path, WithKey({{"Content-Type", "application/json"}}), json);
}

HttpReply Sealpost::Delete(std::string_view path) {
  return client_->Do("DELETE", path, WithKey({}));
}

std::optional<int> Sealpost::Stop() {
  Signal(SIGTERM);
  return Wait();
}

}  // namespace sealpost::tests
