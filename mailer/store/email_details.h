// The part of an email that is kept as one JSON text: what is shown or needed at delivery, but never searched for.
// Internal to mailer/store.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/model/email.h"

namespace sealpost::store {

std::string WriteDetails(const model::Email& email);
// Fills in what WriteDetails wrote; the columns' members (id, times, topic, category, bytes) are not touched.
base::Result<void> ReadDetails(std::string_view json, model::Email& email);

// "local@domain" as stored, split without checking it again: it was checked when it came in.
model::Address SplitAddress(std::string_view text);

}  // namespace sealpost::store
