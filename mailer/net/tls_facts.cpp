#include "mailer/net/tls_facts.h"

#include <openssl/ssl.h>

namespace sealpost::net {
namespace {

int FactsIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void OnState(const SSL* ssl, int where, int) noexcept {
  if ((where & SSL_CB_HANDSHAKE_DONE) == 0) {
    return;
  }
  auto* facts = static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), FactsIndex()));
  // A session ticket that arrives later counts as a handshake too.
  if (facts != nullptr && facts->empty()) {
    *facts = std::string(SSL_get_version(ssl)) + " " + SSL_get_cipher_name(ssl);
  }
}

CURLcode OnContext(CURL*, void* context, void* facts) noexcept {
  auto* tls = static_cast<SSL_CTX*>(context);
  if (SSL_CTX_set_ex_data(tls, FactsIndex(), facts) != 1) {
    return CURLE_OUT_OF_MEMORY;
  }
  SSL_CTX_set_info_callback(tls, OnState);
  // A renegotiation makes a write wait for reading, which our waiting does not know.
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION);
  return CURLE_OK;
}

}  // namespace

void RecordTls(Options& options, std::string& facts) {
  options.Set(CURLOPT_SSL_CTX_FUNCTION, &OnContext).Set(CURLOPT_SSL_CTX_DATA, &facts);
}

}  // namespace sealpost::net
