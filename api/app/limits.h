// Which filling of the limiter an installation uses.
#pragma once

#include <memory>
#include <string>

#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/base/secret.h"
#include "ratelimit/limiter.h"

namespace sealpost::app {

// `store` is "memory", redis://HOST:PORT/DB or redis+unix:///path. A Redis that is away does not stop the start: the
// in-process filling decides until it is back. One that would evict keys does: it would hand out new budgets.
base::Result<std::unique_ptr<ratelimit::Limiter>> MakeLimiter(const std::string& store, const std::string& username,
                                                              const std::string& password_file,
                                                              const base::Secret& hmac_key,
                                                              const ratelimit::Policy& policy, base::Log& log);

}  // namespace sealpost::app
