// The admin socket: a second listener on a unix socket (mode 0600) for administrative commands, so that none of them
// opens the store of a running service. The file's mode is the permission; there is no key.
#pragma once

#include "api/app/service.h"
#include "api/http/router.h"

namespace sealpost::app {

// POST /admin/keys {"name","permission","assert_trust","category"} => {"id","token"};
// GET /x/recipients/{address}/limits, /metrics, /readyz.
void AddAdminRoutes(http::Router& router, Service& service, const base::Clock& clock);

struct KeyWish {
  std::string name;
  std::string permission;  // full_access or sending_access
  bool assert_trust = false;
  std::string category = {};  // of sends that say none; empty: none
};
base::Result<model::Permission> ParsePermission(std::string_view text);
// Makes and stores a key; the token is in the result and nowhere else. `policy`: which categories there are.
base::Result<NewKey> CreateKey(store::Database& database, const KeyWish& wish, const ratelimit::Policy& policy,
                               base::Time now);

}  // namespace sealpost::app
