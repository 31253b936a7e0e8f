// The entry of libFuzzer (https://llvm.org/docs/LibFuzzer.html) to the target that FUZZ_TARGET names.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sealpost::tests::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
