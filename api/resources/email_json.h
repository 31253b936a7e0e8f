// Stored messages and events as the wire contract shows them.
#pragma once

#include <string>
#include <vector>

#include "mailer/base/token.h"
#include "mailer/model/email.h"

namespace sealpost::resources {

// GET /emails/{id}. The words are taken from the composed message; the unsubscribe link is the one that the first
// mailbox got. Extras of ours are additive members.
std::string EmailJson(const model::Email& email, const std::vector<model::Delivery>& deliveries,
                      const base::TokenSigner& tokens);
// GET /x/emails/{id}/events: {"object":"list","data":[...]}.
std::string EventsJson(const std::vector<model::Event>& events);

}  // namespace sealpost::resources
