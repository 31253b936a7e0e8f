// The attachments of a message: `content` as base64 text, as an array of byte numbers, or as
// {"type":"Buffer","data":[...]}; `content_type` or `contentType`.
#pragma once

#include <vector>

#include "api/resources/json_fields.h"
#include "mailer/message/compose.h"

namespace sealpost::resources {

Read<std::vector<message::Attachment>> ReadAttachments(base::JsonView root);

}  // namespace sealpost::resources
