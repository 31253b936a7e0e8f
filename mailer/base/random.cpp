#include "mailer/base/random.h"

#include <random>

namespace sealpost::base {

double RandomUnit() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return static_cast<double>(generator() >> 11) * 0x1.0p-53;
}

}  // namespace sealpost::base
