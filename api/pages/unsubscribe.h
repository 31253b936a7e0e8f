// /u/{token}: what a recipient sees. GET shows a page and changes nothing, however often link scanners fetch it; POST
// acts: one-click (RFC 8058) without cookies, login, redirect or confirmation, or the button of the page.
#pragma once

#include "api/http/router.h"
#include "mailer/recipients/recipients.h"

namespace sealpost::pages {

// `recipients` has to outlive the router.
void AddUnsubscribe(http::Router& router, recipients::Recipients& recipients);

}  // namespace sealpost::pages
