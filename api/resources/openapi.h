// GET /openapi.yaml: the contract of this API, as the program carries it inside it.
#pragma once

#include "api/http/router.h"

namespace sealpost::resources {

void AddOpenApi(http::Router& router);

}  // namespace sealpost::resources
