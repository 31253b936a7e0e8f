// What a mailbox provider posts when its user clicks "unsubscribe" (RFC 8058 3.2).
#pragma once

#include "api/http/message.h"

namespace sealpost::pages {

// True if the body says List-Unsubscribe=One-Click, as a form or as multipart/form-data. Pure.
bool IsOneClick(const http::Request& request);

}  // namespace sealpost::pages
