// POST /emails, POST /emails/batch, GET /emails/{id}, GET /x/emails/{id}/events.
#pragma once

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/token.h"
#include "mailer/store/database.h"
#include "mailer/submit/submitter.h"
#include "ratelimit/source_watch.h"

namespace sealpost::resources {

struct EmailsParts {
  submit::Submitter& submitter;
  store::Database& database;
  const base::TokenSigner& tokens;
  KeyRate& key_rate;
  ratelimit::SourceWatch* sources = nullptr;  // is told of a client_ip that is none; null: nobody is
};

// What `parts` refers to has to outlive the router.
void AddEmails(http::Router& router, EmailsParts parts);

}  // namespace sealpost::resources
