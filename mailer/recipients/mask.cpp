#include "mailer/recipients/mask.h"

namespace sealpost::recipients {

std::string Mask(const model::Address& address) {
  const auto first = static_cast<unsigned char>(address.local.empty() ? '*' : address.local.front());
  const std::string shown = first < 0x80 && first != '"' ? std::string(1, address.local.front()) : std::string();
  return shown + "***@" + address.domain;
}

}  // namespace sealpost::recipients
