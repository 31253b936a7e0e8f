#include "tests/support/temp_folder.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace sealpost::tests {

TempFolder::TempFolder() : path_((std::filesystem::temp_directory_path() / "sealpost-test-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder at " + path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::File(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::string TempFolder::Write(std::string_view name, std::string_view text, unsigned mode) const {
  const std::string file = File(name);
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  if (!stream || ::chmod(file.c_str(), static_cast<mode_t>(mode)) != 0)
    throw std::runtime_error("cannot write " + file);
  return file;
}

std::string TempFolder::Read(std::string_view name) const {
  std::ifstream stream(File(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace sealpost::tests
