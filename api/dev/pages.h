// The inbox as pages: the list, one mail, its HTML in a frame of its own policy, its bytes. No script anywhere.
#pragma once

#include "api/dev/routes.h"
#include "api/http/message.h"

namespace sealpost::dev {

// Newest first, 50 a page (?before=ID goes on), asking again every few seconds.
http::Response InboxPage(const DevParts& parts, const http::Request& request);
// ?tab=html, text, headers or raw; without it HTML if there is any, otherwise text.
http::Response MailPage(const DevParts& parts, const http::Request& request);
// The HTML part as it is, with images of the mail itself put in; its policy allows no script and loads nothing.
http::Response MailHtml(const DevParts& parts, const http::Request& request);
http::Response MailRaw(const DevParts& parts, const http::Request& request);

}  // namespace sealpost::dev
