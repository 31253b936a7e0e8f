// POST, GET /topics; GET /topics/{id}: what recipients may leave one by one.
#pragma once

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/clock.h"
#include "mailer/store/database.h"

namespace sealpost::resources {

struct TopicsParts {
  store::Database& database;
  const base::Clock& clock;
  KeyRate& key_rate;
};
void AddTopics(http::Router& router, TopicsParts parts);

}  // namespace sealpost::resources
