// HOST:PORT on loopback, for development.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::app {

struct ListenAddress {
  std::string host;  // 127.0.0.1, ::1 or localhost
  int port = 0;
  std::string ToString() const;  // IPv6 in brackets
};

// The error names `flag`. Only loopback: development accepts any sender and a key that everybody knows.
base::Result<ListenAddress> ParseLoopback(std::string_view flag, std::string_view text);
// A port that nobody listens on at this moment.
base::Result<int> FreePort(const std::string& host);

}  // namespace sealpost::app
