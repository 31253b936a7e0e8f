// HTTP to this machine itself: the administrative commands ask the running service over its unix socket. Not for the
// outside world: it guards no addresses and speaks no TLS.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::net {

struct HttpCall {
  std::string method = "GET";
  std::string unix_socket;  // path; empty: the host of `url`, which must be loopback
  std::string url;          // "http://localhost/x/queue"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                           // sent unless empty and the method is GET, HEAD or DELETE
  std::chrono::milliseconds timeout{30'000};  // of the whole call
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // 64 MiB at most
};

// One request, one answer of whatever status; redirects are not followed. Blocks. Thread safe. Nobody there, the time
// over or a broken answer are kUnavailable and name the socket; a URL that is not http on loopback is kInvalid.
base::Result<HttpAnswer> Call(const HttpCall& call);

}  // namespace sealpost::net
