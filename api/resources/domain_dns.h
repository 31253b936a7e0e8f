// GET /x/domains/{id}/dns: what the DNS says about a sender domain; {id} is its name in any spelling.
#pragma once

#include <functional>
#include <string>

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/error.h"

namespace sealpost::resources {

// The answer (domains::StateJson) for a lower-case A-label; `fresh`: of a look made now. kNotFound: not declared.
using ReadDomainDns = std::function<base::Result<std::string>(const std::string& domain, bool fresh)>;

struct DomainDnsParts {
  ReadDomainDns read;  // empty: nobody looks (development without a name server), and the answer says so
  KeyRate& key_rate;
};
void AddDomainDns(http::Router& router, DomainDnsParts parts);

}  // namespace sealpost::resources
