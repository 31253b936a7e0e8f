// The command line of a benchmark tool (`--name value` pairs) and the clock that all of them share. Nothing of the
// program under test is used here.
#pragma once

#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace sealpost::bench {

// Nanoseconds of CLOCK_MONOTONIC, which is one for all processes of a machine: times of several tools can be compared.
inline std::int64_t Nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] inline void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

class Options {
 public:
  Options(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
    if (argc % 2 == 0) Die(std::string(argv[0]) + " takes pairs of --name value");
  }

  std::string Text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  int Number(const std::string& name, int otherwise) const {
    const std::string text = Text(name);
    return text.empty() ? otherwise : std::atoi(text.c_str());
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace sealpost::bench
