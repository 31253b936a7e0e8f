#include "mailer/base/backoff.h"

#include <algorithm>
#include <cmath>

namespace sealpost::base {

std::chrono::milliseconds Backoff::After(int attempt, double random) const {
  if (steps.empty()) return std::chrono::milliseconds(0);
  const std::size_t index = attempt < 1 ? 0 : static_cast<std::size_t>(attempt - 1);
  const auto step = steps[std::min(index, steps.size() - 1)];
  const double scale = 1.0 - jitter + 2.0 * jitter * random;
  return std::chrono::milliseconds(std::llround(static_cast<double>(step.count()) * scale));
}

}  // namespace sealpost::base
