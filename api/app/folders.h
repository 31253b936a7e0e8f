// The folders of what the service makes itself, so that a fresh machine needs no preparation.
#pragma once

#include "api/app/config.h"

namespace sealpost::app {

// Of the store, the keys made at first start and the admin socket; mode 0700 where there was none.
base::Result<void> MakeFolders(const Config& config);

}  // namespace sealpost::app
