#include "mailer/net/curl.h"

#include <csignal>
#include <stdexcept>

#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

std::shared_ptr<void> InitNetwork() {
  // CURLOPT_NOSIGNAL keeps libcurl from touching signals, also from shielding OpenSSL's writes against SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw std::runtime_error("libcurl cannot be initialised");
  }
  return {nullptr, [](void*) { curl_global_cleanup(); }};
}

}  // namespace sealpost::net
