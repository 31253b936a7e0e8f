// Thread names (seen in top and gdb) and the last resort of a thread.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "mailer/base/log.h"

namespace sealpost::base {

// Starts `body` with the name (15 characters at most). An exception that leaves it is logged and ends the
// program: a part that died quietly would look healthy.
std::jthread StartThread(const std::string& name, Log& log, std::function<void(std::stop_token)> body);

}  // namespace sealpost::base
