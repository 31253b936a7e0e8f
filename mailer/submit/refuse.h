// How this folder says no. Only for mailer/submit.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "mailer/submit/request.h"

namespace sealpost::submit {

inline std::unexpected<Refusal> Refuse(std::string message, std::string field,
                                       RefusalKind kind = RefusalKind::kValidation) {
  return std::unexpected(Refusal{kind, std::move(message), std::move(field)});
}

}  // namespace sealpost::submit
