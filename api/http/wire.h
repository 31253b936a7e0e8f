// HTTP/1.1 as bytes: a guarded head becomes a Request, a Response becomes bytes. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "api/http/guard.h"
#include "api/http/message.h"
#include "mailer/base/clock.h"

namespace sealpost::http {

// Fills method, path, segments, query and headers from a head that JudgeHead has passed. Fields given more than once
// are joined by ", " (RFC 9110 5.3).
std::expected<Request, Refusal> ParseHead(std::string_view head);

struct Framing {
  bool keep_alive = true;
  bool to_head = false;  // the answer to HEAD: the length of the body without the body
};

// Status line and fields with the empty line. Length, Date and Connection are written here, whatever the handler said
// of them; control characters in a handler's field become spaces, so that no value can start a new field.
std::string WriteHead(const Response& response, const Framing& framing, base::Time now);

}  // namespace sealpost::http
