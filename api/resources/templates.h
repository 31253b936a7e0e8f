// POST, GET /templates; GET, PATCH /templates/{id}; POST /templates/{id}/publish. Sends use the published version;
// edits stay drafts.
#pragma once

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/clock.h"
#include "mailer/store/database.h"
#include "mailer/submit/catalog.h"
#include "ratelimit/policy.h"

namespace sealpost::resources {

struct TemplatesParts {
  store::Database& database;
  submit::Catalog& catalog;
  const base::Clock& clock;
  KeyRate& key_rate;
  const ratelimit::Policy& policy;  // which categories there are
};
// What `parts` refers to has to outlive the router.
void AddTemplates(http::Router& router, TemplatesParts parts);

}  // namespace sealpost::resources
