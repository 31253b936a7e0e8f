#include "mailer/model/raw_message.h"

#include <algorithm>

namespace sealpost::model {

std::string FillSlots(const RawMessage& message, std::string_view token) {
  std::string bytes = message.bytes;
  for (const std::size_t slot : message.unsubscribe_slots) {
    if (slot + token.size() <= bytes.size()) std::copy(token.begin(), token.end(), bytes.begin() + slot);
  }
  return bytes;
}

}  // namespace sealpost::model
