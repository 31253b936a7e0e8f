// A mail address as a page may show it.
#pragma once

#include <string>

#include "mailer/model/address.h"

namespace sealpost::recipients {

// "a***@example.com": a page is seen by whoever holds its link, so it shows only enough to recognise one's own address.
std::string Mask(const model::Address& address);

}  // namespace sealpost::recipients
