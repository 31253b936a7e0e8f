// The development endpoints (/x/dev/...) and pages. All are public: they exist in `sealpost dev` only, which listens
// on loopback and refuses foreign Hosts and Origins.
#pragma once

#include <functional>
#include <string>

#include "api/dev/inbox_store.h"
#include "api/dev/script.h"
#include "api/dev/zone.h"
#include "api/http/router.h"

namespace sealpost::dev {

// The parts outlive the router.
struct DevParts {
  InboxStore& inbox;
  Script& script;
  const Zone& zone;
  // The id of the email whose return path this is; "" if it is none of ours.
  std::function<std::string(const std::string& mail_from)> email_id;
  std::string base_url;  // "http://127.0.0.1:8025", for the command line shown in an empty inbox
};

// GET and DELETE /x/dev/inbox; POST, GET and DELETE /x/dev/catcher; GET /x/dev/dns; and the pages: GET /,
// /x/dev/mail/{id}, /x/dev/mail/{id}/html and /x/dev/mail/{id}/raw.
void AddDevRoutes(http::Router& router, const DevParts& parts);

}  // namespace sealpost::dev
