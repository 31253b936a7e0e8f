// Getting a small file over HTTPS from addresses that the caller has resolved: policies of MTA-STS (RFC 8461 3.3).
#pragma once

#include <string>

#include "dns/fetcher.h"

namespace sealpost::net {

struct HttpsFetcherOptions {
  std::string ca_file;  // PEM; empty: the system's bundle
  // With a host, every request goes there instead of to the addresses it brings, whatever address that is; the
  // certificate is verified for the name in the URL all the same. For trials.
  std::string connect_host;  // an address, or a name that the system resolves
  int connect_port = 443;
  bool allow_private = false;  // also addresses that dns::IsPublic refuses
};

// A fetcher as dns/fetcher.h describes it: TLS 1.2 at least, verified; no redirect, no proxy, no cookie, and nothing
// taken from the environment. Timeouts, refused or broken connections and a CA file of ours that cannot be read are
// could_not_tell; a certificate that does not verify, a body above 64 KiB and private addresses are not.
// Needs InitNetwork() (smtp_connection.h) for as long as it is used.
dns::Fetcher MakeHttpsFetcher(HttpsFetcherOptions options);

}  // namespace sealpost::net
