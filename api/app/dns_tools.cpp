#include "api/app/dns_tools.h"

#include <chrono>
#include <utility>

#include "api/app/host_port.h"
#include "mailer/net/https_fetcher.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;

base::Result<dns::Fetcher> MakeFetcher(const DnsOptions& options) {
  net::HttpsFetcherOptions fetcher;
  if (!options.ca_file.empty()) fetcher.ca_file = options.ca_file;
  if (!options.https_connect.empty()) {
    const auto peer = ParseHostPort(options.https_connect);
    if (!peer || !peer->port)
      return Fail(ErrorKind::kInvalid, "--https-connect is HOST:PORT, such as 127.0.0.1:8443", "https_connect");
    fetcher.connect_host = peer->host;
    fetcher.connect_port = *peer->port;
  }
  return net::MakeHttpsFetcher(std::move(fetcher));
}

}  // namespace

base::Result<std::unique_ptr<DnsTools>> DnsTools::Open(const DnsOptions& options) {
  dns::CaresOptions cares;
  for (const std::string& text : options.servers) {
    auto server = dns::ParseServer(text);
    if (!server) return Fail(ErrorKind::kInvalid, "name server " + server.error(), "server");
    cares.servers.push_back(*server);
  }
  auto suffixes = options.suffix_list.empty() ? dns::PublicSuffixList::FromSystem()
                                              : dns::PublicSuffixList::FromFile(options.suffix_list);
  if (!suffixes) return Fail(ErrorKind::kInvalid, suffixes.error(), "suffix_list");
  auto fetch = MakeFetcher(options);
  if (!fetch) return std::unexpected(fetch.error());
  return std::unique_ptr<DnsTools>(new DnsTools(std::move(cares), std::move(*suffixes), std::move(*fetch)));
}

std::string DnsTools::ServerNames() const {
  std::string names;
  for (const dns::Server& server : cares_.Servers()) names += (names.empty() ? "" : ", ") + dns::ToString(server);
  return names;
}

dns::Deadline CheckDeadline() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

}  // namespace sealpost::app
