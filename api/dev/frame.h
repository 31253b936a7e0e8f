// The HTML of a mail as a document of its own, to be shown in a sandboxed frame.
#pragma once

#include <string>

#include "api/dev/mime.h"
#include "api/http/message.h"

namespace sealpost::dev {

// The HTML as it came, but for cid: references (RFC 2392) to images of the same mail, which become data: URLs. Its
// Content-Security-Policy sandboxes it even when it is opened outside the frame: no script, no form, nothing loaded.
http::Response FrameOf(const Mail& mail);

// The html with those references replaced; at most 32 MiB of images are put in.
std::string InlineImages(const Mail& mail);

}  // namespace sealpost::dev
