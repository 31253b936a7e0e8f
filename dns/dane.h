// TLSA records for SMTP (RFC 7672 3, RFC 6698 2). Pure.
#pragma once

#include <string>

#include "dns/wire.h"

namespace sealpost::dns {

// "_25._tcp.mx.example.com".
std::string TlsaName(const std::string& mx_host);
// Nothing if SMTP clients use the record (usage 2 or 3, selector 0 or 1, matching 0 to 2, data of the digest's length);
// otherwise the sentence why not.
std::string TlsaProblem(const Tlsa& record);

}  // namespace sealpost::dns
