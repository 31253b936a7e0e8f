// The program under test as a process of its own: `sealpost dev` or `sealpost serve`, spoken to over HTTP as an
// application would.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace sealpost::tests {

// Belongs to the thread that made it, as Process does: another thread speaks to port() with a client of its own.
class Sealpost {
 public:
  // arguments[0] is the program. What it complains about is added to the file "stderr" of the folder. Returns when its
  // ready line was read; throws std::runtime_error with its complaints if it does not get that far.
  Sealpost(std::vector<std::string> arguments, const TempFolder& folder, std::vector<std::string> environment = {});

  const std::string& ready_line() const { return ready_line_; }
  std::uint16_t port() const { return port_; }
  std::uint16_t catcher_port() const { return catcher_port_; }  // dev only
  // The API key that the calls below carry; "sp_dev" until told otherwise.
  void UseKey(std::string key) { key_ = std::move(key); }

  HttpReply Get(std::string_view path);
  HttpReply Post(std::string_view path, std::string_view json, const HttpHeaders& more = {});
  HttpReply Patch(std::string_view path, std::string_view json);
  HttpReply Delete(std::string_view path);

  bool Running() { return process_.Running(); }
  void Signal(int signal) const { process_.Signal(signal); }
  // The exit code, or minus the signal that ended it. Nothing if it still runs when the time is over.
  std::optional<int> Wait(std::chrono::milliseconds limit = Process::kPatience) { return process_.Wait(limit); }
  // SIGTERM, then as Wait.
  std::optional<int> Stop();
  void Kill() { process_.Kill(); }  // SIGKILL

 private:
  HttpHeaders WithKey(const HttpHeaders& more) const;

  Process process_;
  std::string ready_line_;
  std::string key_ = "sp_dev";
  std::uint16_t port_ = 0;
  std::uint16_t catcher_port_ = 0;
  std::optional<HttpClient> client_;
};

}  // namespace sealpost::tests
