// Every file of the corpora through its target: the findings of past runs stay mended.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/targets.h"

using namespace sealpost::tests::fuzz;

namespace {

const std::filesystem::path kCorpus = std::filesystem::path(SEALPOST_SOURCE_DIR) / "tests/fuzz/corpus";

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("no file of the corpora breaks a promise") {
  for (const Target& target : kTargets) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / target.name)) {
      const std::string bytes = ReadFile(entry.path());
      INFO(entry.path().string());
      CHECK_NOTHROW(target.run(bytes));
      ++files;
    }
    INFO(target.name);
    CHECK(files >= 12);
  }
}

TEST_CASE("every start of every file of the corpora is read without harm") {
  for (const Target& target : kTargets) {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / target.name)) {
      const std::string bytes = ReadFile(entry.path());
      for (std::size_t size = 0; size < std::min<std::size_t>(bytes.size(), 64); ++size) {
        INFO(entry.path().string() << ", " << size << " bytes of it");
        CHECK_NOTHROW(target.run(std::string_view(bytes).substr(0, size)));
      }
    }
  }
}

TEST_CASE("each folder of the corpora belongs to a target") {
  std::set<std::string> names;
  for (const Target& target : kTargets) names.emplace(target.name);
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    INFO(entry.path().string());
    CHECK(names.contains(entry.path().filename().string()));
  }
}
