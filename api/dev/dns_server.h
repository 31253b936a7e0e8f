// A name server for the development zone, on loopback: UDP and TCP on one port.
#pragma once

#include <memory>
#include <string>

#include "api/dev/dns_answer.h"
#include "mailer/base/error.h"
#include "mailer/base/log.h"

namespace sealpost::dev {

class DnsServer {
 public:
  // `host` is an address. Port 0: a free one. The error names address and port ("... is in use"). `records` is called
  // from the server's thread until the destructor returns.
  static base::Result<std::unique_ptr<DnsServer>> Start(const std::string& host, int port, RecordsAround records,
                                                        base::Log& log);
  ~DnsServer();  // closes every connection and joins the thread

  int port() const;

 private:
  class Loop;
  explicit DnsServer(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sealpost::dev
