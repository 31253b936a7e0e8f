// The header set of every answer: security headers, request id, rate limit fields.
#pragma once

#include "api/http/message.h"

namespace sealpost::http {

struct HeaderPolicy {
  bool hsts = false;
};

// Adds what the handler did not set itself: Content-Security-Policy ("default-src 'none'; ..."),
// X-Content-Type-Options, X-Frame-Options, Referrer-Policy, Cross-Origin-*-Policy, Permissions-Policy, Cache-Control:
// no-store, X-XSS-Protection: 0, X-Request-Id, and Strict-Transport-Security where the policy and the connection allow
// it.
void AddSecurityHeaders(Response& response, const Request& request, const HeaderPolicy& policy);

}  // namespace sealpost::http
