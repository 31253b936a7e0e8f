#include "api/app/listen_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "api/app/host_port.h"

namespace sealpost::app {

std::string ListenAddress::ToString() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<ListenAddress> ParseLoopback(std::string_view flag, std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return base::Fail(base::ErrorKind::kInvalid, std::string(flag) + " " + std::string(text) + ": " + why);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("write HOST:PORT, such as 127.0.0.1:8025");
  ListenAddress address;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port < 0 || address.port > 65'535) {
    return refuse("the port is a number from 0 (a free one) to 65535");
  }
  if (!IsLoopbackHost(address.host)) {
    return refuse("development listens on loopback only; use `sealpost serve` to be reached from elsewhere");
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  return address;
}

base::Result<int> FreePort(const std::string& host) {
  const auto fail = [&] { return base::Fail(base::ErrorKind::kUnavailable, "no free port on " + host); };
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), "0", &hints, &found) != 0) return fail();
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> holder(found, freeaddrinfo);
  const int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return fail();
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  const bool good = bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
                    getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &length) == 0;
  close(descriptor);
  if (!good) return fail();
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

}  // namespace sealpost::app
