// Cheap random numbers for jitter and shuffling, never for secrets.
#pragma once

namespace sealpost::base {

// Uniform in [0, 1). Thread safe (a generator per thread, seeded by the system).
double RandomUnit();

}  // namespace sealpost::base
