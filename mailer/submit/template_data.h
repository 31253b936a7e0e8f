// JSON to template data. Numbers become their shortest text, null is "no value".
#pragma once

#include "mailer/base/json.h"
#include "templates/value.h"

namespace sealpost::submit {

templates::Value ToValue(base::JsonView json);

}  // namespace sealpost::submit
