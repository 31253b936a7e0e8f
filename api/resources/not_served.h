// Paths of the contract that this version does not serve, refused by name: an application learns what is missing
// instead of guessing at a misspelt path.
#pragma once

#include "api/http/router.h"

namespace sealpost::resources {

void AddNotServed(http::Router& router);

}  // namespace sealpost::resources
