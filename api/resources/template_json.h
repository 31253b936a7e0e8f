// Templates between JSON and the model.
#pragma once

#include <string>

#include "api/resources/json_fields.h"
#include "mailer/model/account.h"

namespace sealpost::resources {

// Puts the members that are there over `value` (its name, alias and draft). Refuses wrong types, reserved or too many
// variables, an alias that looks like a UUID.
Read<void> ReadTemplateInto(base::JsonView root, model::Template& value);
std::string TemplateJson(const model::Template& value, bool with_content);

}  // namespace sealpost::resources
