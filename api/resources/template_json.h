// Templates between JSON and the model.
#pragma once

#include <string>

#include "api/resources/json_fields.h"
#include "mailer/model/account.h"
#include "ratelimit/policy.h"

namespace sealpost::resources {

// Puts the members that are there over `value` (its name, alias and draft). Refuses wrong types, reserved or too many
// variables, an alias that looks like a UUID, a category that the policy does not know.
Read<void> ReadTemplateInto(base::JsonView root, model::Template& value, const ratelimit::Policy& policy);
std::string TemplateJson(const model::Template& value, bool with_content);

}  // namespace sealpost::resources
