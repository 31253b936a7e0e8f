// CheckSpf over a domain whose From and return path are one.
#pragma once

#include <string>
#include <vector>

#include "tests/dns/checks/trial.h"

namespace sealpost::tests {

inline constexpr const char* kSpfHosts = R"(
  example.com         MX   10 mail.example.com
  mail.example.com    A    192.0.2.10
  mail.example.com    AAAA 2001:db8::10
  a.example.com       A    192.0.2.20
)";

// A domain whose From and return path are one, sending from the given addresses.
struct Spf {
  ZoneResolver zone{kSpfHosts};
  dns::Sender sender;

  explicit Spf(const std::string& record, std::vector<std::string> addresses = {"192.0.2.10"}) {
    sender.domain = "example.com";
    for (const std::string& address : addresses) sender.addresses.push_back(dns::ParseIp(address).value());
    if (!record.empty()) zone.Add("example.com TXT \"" + record + "\"");
  }
  std::vector<dns::Finding> Run() {
    dns::Findings findings;
    const dns::Tools tools{zone, Suffixes(), {}};
    dns::Context context{sender, tools, findings};
    dns::CheckSpf(context);
    return findings.Take();
  }
};

inline std::vector<dns::Finding> Found(const std::string& record) {
  return Spf(record).Run();
}

inline const std::string kHere = "example.com TXT ";

}  // namespace sealpost::tests
