// HOST, HOST:PORT and [IPV6]:PORT as they stand in URLs of the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sealpost::app {

struct HostPort {
  std::string host;         // a name or an address; IPv6 with its brackets
  std::optional<int> port;  // 1 to 65535
};
// Nothing if it is malformed or holds anything else (user, path, space).
std::optional<HostPort> ParseHostPort(std::string_view text);

// 127.0.0.0/8, ::1 (with or without brackets) and "localhost": never a name that only begins like one of them.
bool IsLoopbackHost(std::string_view host);

}  // namespace sealpost::app
