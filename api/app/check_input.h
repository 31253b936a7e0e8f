// The words of `sealpost check` as senders to look at.
#pragma once

#include <string>
#include <vector>

#include "api/app/dns_tools.h"
#include "dns/checks/check.h"
#include "mailer/base/error.h"

namespace sealpost::app {

struct CheckWords {
  std::vector<std::string> domains;
  std::string file;  // one domain a line, "#" begins a comment
  std::vector<std::string> selectors, addresses, helo_names, key_files;
  std::string return_path;
  std::string config;
  bool authoritative = false;
};

// Every domain once, in order. With a configuration: its keys, addresses and HELO name for the domains it declares, all
// of them if no domain is named. Words on the command line come on top. kInvalid names the word that cannot be read;
// `dns.servers` and the suffix list are filled from the configuration where `dns` leaves them open.
base::Result<std::vector<dns::Sender>> ReadSenders(const CheckWords& words, DnsOptions& dns);

}  // namespace sealpost::app
