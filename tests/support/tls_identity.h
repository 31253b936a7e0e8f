// A certificate made on the spot, for fakes that speak TLS. OpenSSL directly: shares no code with the product.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sealpost::tests {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

struct TlsIdentity {
  TlsContext context;           // a server's, with certificate and key loaded
  std::string certificate_pem;  // its own CA: trusting it means verifying
};

// `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1". Negative `days`: expired. Throws std::runtime_error.
TlsIdentity MakeTlsIdentity(const std::string& names, int days, int max_version = TLS1_3_VERSION);

}  // namespace sealpost::tests
