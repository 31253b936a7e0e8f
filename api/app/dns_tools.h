// What the DNS commands and the service's monitor look through: resolver, public suffix list, HTTPS fetcher.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dns/caching_resolver.h"
#include "dns/cares_resolver.h"
#include "dns/checks/check.h"
#include "dns/public_suffix.h"
#include "mailer/base/error.h"

namespace sealpost::app {

struct DnsOptions {
  std::vector<std::string> servers;  // HOST:PORT; empty: the system's
  std::string suffix_list;           // file in the format of publicsuffix.org; empty: the system's
  std::string ca_file;               // for MTA-STS policies; empty: the system's
  std::string https_connect;         // HOST:PORT that every fetch connects to instead; for trials
};

// Safe to use from many threads; a check gets it by At().
class DnsTools {
 public:
  // kInvalid names the option that cannot be read.
  static base::Result<std::unique_ptr<DnsTools>> Open(const DnsOptions& options);

  dns::Resolver& resolver() { return caching_; }
  const dns::PublicSuffixList& suffixes() const { return suffixes_; }
  // For one look at one domain, which has until `deadline`.
  dns::Tools At(dns::Deadline deadline) { return {caching_, suffixes_, fetch_, deadline}; }
  // "127.0.0.1:53, ...": who is asked.
  std::string ServerNames() const;
  void Forget() { caching_.Clear(); }

 private:
  DnsTools(dns::CaresOptions cares, dns::PublicSuffixList suffixes, dns::Fetcher fetch)
      : cares_(std::move(cares)), caching_(cares_, {}), suffixes_(std::move(suffixes)), fetch_(std::move(fetch)) {}

  dns::CaresResolver cares_;
  dns::CachingResolver caching_;
  dns::PublicSuffixList suffixes_;
  dns::Fetcher fetch_;
};

// From now, the time one domain may take: longer than SPF's 20 seconds (RFC 7208 4.6.4).
dns::Deadline CheckDeadline();

}  // namespace sealpost::app
