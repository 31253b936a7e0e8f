// A small HTTPS server on 127.0.0.1 that gives every request the same answer, bytes as told. OpenSSL directly.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace sealpost::tests {

struct HttpsServerOptions {
  std::string certificate_names = "DNS:localhost";  // as OpenSSL writes them
  int certificate_days = 1;                         // negative: expired
  int max_tls = 0;                                  // OpenSSL's number; 0: the newest
  std::string answer;                               // head and body; then the connection is closed
  bool silent = false;                              // reads the request and says nothing
};

// Thread safe. One connection after another. The destructor cuts the one that is open, and joins.
class HttpsServer {
 public:
  explicit HttpsServer(HttpsServerOptions options);
  ~HttpsServer();

  int port() const;
  const std::string& certificate_pem() const;  // its own CA: trusting it means verifying
  std::size_t connections() const;
  std::vector<std::string> requests() const;  // whole heads

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::tests
