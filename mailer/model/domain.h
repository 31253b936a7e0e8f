// A sender domain: what is allowed in From, and what follows from it.
#pragma once

#include <string>

namespace sealpost::model {

struct SenderDomain {
  std::string name;         // lower-case A-label; covers itself, not its subdomains
  std::string return_path;  // domain of the VERP return path, "bounce." + name unless configured
};

}  // namespace sealpost::model
