// What TLS a connection got, told by OpenSSL itself: libcurl 7.88 gives no access to the session after CONNECT_ONLY.
#pragma once

#include <string>

#include "mailer/net/curl.h"

namespace sealpost::net {

// When a handshake on this handle is done, `facts` says "TLSv1.3 TLS_AES_256_GCM_SHA384"; it stays empty on plaintext.
// `facts` must live as long as the handle.
void RecordTls(Options& options, std::string& facts);

}  // namespace sealpost::net
