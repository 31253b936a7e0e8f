// A folder of its own for a test, gone with everything in it when the test ends.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::tests {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // The path of a file in it (which need not be there).
  std::string File(std::string_view name) const;
  // Writes a file and returns its path.
  std::string Write(std::string_view name, std::string_view text, unsigned mode = 0600) const;
  // The whole text of a file; empty if there is none.
  std::string Read(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace sealpost::tests
