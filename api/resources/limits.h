// GET /x/limits: the policy in force. POST /x/limits/check: what a send would be told, without sending or counting.
#pragma once

#include <string>
#include <string_view>

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/recipients/recipients.h"
#include "mailer/submit/catalog.h"
#include "mailer/submit/validate.h"
#include "ratelimit/limiter.h"
#include "ratelimit/source_watch.h"

namespace sealpost::resources {

struct LimitsParts {
  ratelimit::Limiter& limiter;
  const submit::LimitRules& rules;
  const recipients::Recipients& recipients;
  const base::Clock& clock;
  KeyRate& key_rate;
  submit::Catalog& catalog;  // for the default categories of templates
  const ratelimit::SourceWatch& sources;
};

// What `parts` refers to has to outlive the router.
void AddLimits(http::Router& router, LimitsParts parts);

std::string_view LaneName(ratelimit::Lane lane);
std::string_view ModeName(ratelimit::Mode mode);

}  // namespace sealpost::resources
