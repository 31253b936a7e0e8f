// `sealpost dev`: the same service with everything it needs beside it, on loopback, in one folder.
#pragma once

#include <string>

#include "mailer/base/error.h"

namespace sealpost::app {

struct DevelopmentOptions {
  std::string listen = "127.0.0.1:8025";   // port 0: a free one
  std::string catcher = "127.0.0.1:1025";  // port 0: a free one
  std::string dns;                         // HOST:PORT of a name server for the zone; empty: none
  std::string data;                        // empty: $XDG_STATE_HOME/sealpost/dev
  std::string limits = "memory";           // or redis://..., redis+unix://...
  std::string relay;                       // smtp://...: deliver there instead of to the catcher
  bool verbose = false;                    // log what happens, not only what goes wrong
};

// Prints "ready http://... catcher ... data DIR" (with a name server "dns ..." before data) when it can be used, and
// returns after SIGTERM or SIGINT. An address in use is an error that names the flag.
base::Result<void> RunDevelopment(DevelopmentOptions options);

}  // namespace sealpost::app
