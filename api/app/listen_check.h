// Where the service would listen, read without resolving a name or binding anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sealpost::app {

struct Listen {
  std::string host;    // an IP address without brackets; empty for a unix socket
  std::string path;    // of a unix socket
  int port = 0;        // 0: a free one
  bool local = false;  // on loopback or a unix socket
};

// ADDRESS:PORT, [IPV6]:PORT, localhost:PORT or unix:/path; nothing for anything else, other names included.
std::optional<Listen> ParseListen(std::string_view text);
// Both cannot be had at once.
bool Clash(const Listen& left, const Listen& right);

}  // namespace sealpost::app
