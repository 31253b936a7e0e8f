// Getting a file over HTTPS, handed in by who has a client for it: this folder opens no connection but to name servers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "dns/ip.h"

namespace sealpost::dns {

struct FetchRequest {
  std::string url;                           // https, port 443
  std::vector<Ip> addresses;                 // of the host, from the resolver that the checks use; never empty
  std::chrono::milliseconds timeout{5'000};  // of the whole fetch (RFC 8461 3.3 suggests a minute at most)
};
struct FetchResult {
  int status = 0;  // of the answer; 0: there was none
  std::string content_type;
  std::string body;             // 64 KiB at most
  std::string problem;          // with status 0: why, for people: "the certificate is not for mta-sts.example.com"
  bool could_not_tell = false;  // with status 0: a timeout or an unreachable network, nothing the domain did wrong
};
// Certificates are verified (PKIX, name), redirects are not followed (RFC 8461 3.3), addresses that are not public are
// refused. Blocks; thread safe.
using Fetcher = std::function<FetchResult(const FetchRequest&)>;

}  // namespace sealpost::dns
