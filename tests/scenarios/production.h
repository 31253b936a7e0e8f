// `sealpost serve` as an operator sets it up: a configuration, a DKIM key, an API key, all in a temporary folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/steps.h"

namespace sealpost::scenarios {

class Production {
 public:
  // `delivery`: further lines of [delivery]; tables of its own may follow. Without [dns] among them no name server is
  // asked: nothing can be told about the domain.
  explicit Production(int relay_port, const std::string& delivery = "") {
    const auto made =
        Run({"dkim", "keygen", "--domain", "acme.example", "--selector", "s1", "--out", folder_.File("acme.pem")});
    REQUIRE(made.exit_code == 0);
    std::string config = R"([server]
listen = "127.0.0.1:0"
public_url = "https://mail.example.com"
admin_socket = "FOLDER/admin.sock"
[store]
url = "sqlite://FOLDER/sealpost.db"
master_key_file = "FOLDER/master.key"
[limits]
store = "memory"
hmac_key_file = "FOLDER/limits.key"
[delivery]
mode = "relay"
relay = "smtp://127.0.0.1:PORT"
retry_seconds = [1]
MORE
[[domains.domain]]
name = "acme.example"
dkim = [{ selector = "s1", key_file = "FOLDER/acme.pem" }]
)";
    ReplaceAll(config, "FOLDER", folder_.path());
    ReplaceAll(config, "PORT", std::to_string(relay_port));
    const bool asks = delivery.find("[dns]") != std::string::npos;
    ReplaceAll(config, "MORE", delivery + (asks ? "" : "\n[dns]\nservers = [\"127.0.0.1:9\"]"));
    Write(config);
  }

  const TempFolder& folder() const { return folder_; }
  std::string config() const { return folder_.File("sealpost.toml"); }
  std::string ReadConfig() const { return folder_.Read("sealpost.toml"); }
  void Write(const std::string& toml) const { folder_.Write("sealpost.toml", toml); }
  // What the programs complained about so far.
  std::string Complaints() const { return folder_.Read("stderr"); }

  // Runs a command to its end.
  tests::Outcome Run(std::vector<std::string> arguments, const std::vector<std::string>& environment = {}) const {
    arguments.insert(arguments.begin(), SEALPOST_BINARY);
    return tests::Run(arguments, {.environment = environment, .error_file = folder_.File("stderr")});
  }
  // The token of a new API key; asks the running service, or opens the store itself.
  std::string CreateKey(const std::string& permission = "full_access") {
    const auto made = Run({"keys", "create", "--config", config(), "--name", "test " + std::to_string(++keys_),
                           "--permission", permission});
    INFO(Complaints());
    REQUIRE(made.exit_code == 0);
    REQUIRE(made.output.starts_with("sp_"));
    return made.output.substr(0, made.output.find('\n'));
  }
  // With a key of its own.
  Sealpost Start() {
    if (key_.empty()) key_ = CreateKey();
    Sealpost service({SEALPOST_BINARY, "serve", "--config", config()}, folder_);
    service.UseKey(key_);
    return service;
  }

 private:
  TempFolder folder_;
  std::string key_;
  int keys_ = 0;
};

}  // namespace sealpost::scenarios
