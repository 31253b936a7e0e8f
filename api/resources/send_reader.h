// JSON to SendRequest: tolerant in form (a string or an array, three shapes of attachment content, null as absent),
// strict in types. Members of the contract that are not served are refused by name, never ignored.
#pragma once

#include <expected>

#include "api/http/message.h"
#include "mailer/base/json.h"
#include "mailer/submit/request.h"

namespace sealpost::resources {

// One message of POST /emails or of a batch. `http` brings the X-Sealpost-* request headers, the last carrier of an
// extra: body member, then the message's own headers, then these, then (category only) the tag "category".
std::expected<submit::SendRequest, submit::Refusal> ReadSendRequest(base::JsonView root, const http::Request& http);

}  // namespace sealpost::resources
