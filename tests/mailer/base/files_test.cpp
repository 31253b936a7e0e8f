#include "mailer/base/files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temp_folder.h"

using namespace sealpost::base;
using sealpost::tests::TempFolder;

namespace {

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777;
}

}  // namespace

TEST_CASE("a file is read whole, up to the limit") {
  const TempFolder folder;
  const std::string text = std::string("a\0b\n", 4) + std::string(100'000, 'x');
  const std::string path = folder.Write("f", text);
  CHECK(ReadFile(path) == text);
  CHECK(ReadFile(path, text.size()) == text);
  CHECK(ReadFile(folder.Write("empty", "")) == "");
  const auto refused = ReadFile(path, text.size() - 1);
  CHECK(refused.error().kind == ErrorKind::kInvalid);
  CHECK(refused.error().message == path + " is larger than the limit of 100003 bytes");
}

TEST_CASE("a file that tells no size of its own is read whole too") {
  const auto text = ReadFile("/proc/self/status");
  REQUIRE(text.has_value());
  CHECK(text->find("Pid:") != std::string::npos);
  CHECK(ReadFile("/dev/zero", 1000).error().kind == ErrorKind::kInvalid);
}

TEST_CASE("what cannot be read is an error that names the path and the reason") {
  const TempFolder folder;
  const auto missing = ReadFile(folder.File("none"));
  CHECK(missing.error().kind == ErrorKind::kNotFound);
  CHECK(missing.error().message == "cannot read " + folder.File("none") + ": No such file or directory");
  CHECK(ReadFile(folder.path()).error().kind == ErrorKind::kUnavailable);
}

TEST_CASE("a file is written with its mode, replaces the old one and leaves no draft") {
  const TempFolder folder;
  const std::string path = folder.File("f");
  REQUIRE(WriteFile(path, "old").has_value());
  CHECK(ModeOf(path) == 0600);
  REQUIRE(WriteFile(path, "new", 0644).has_value());
  CHECK(folder.Read("f") == "new");
  CHECK(ModeOf(path) == 0644);
  CHECK_FALSE(WriteFile(folder.File("no/folder/f"), "x").has_value());
  std::filesystem::create_directory(folder.File("taken"));
  CHECK_FALSE(WriteFile(folder.File("taken"), "x").has_value());
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++count;
  CHECK(count == 2);
}

TEST_CASE("a folder is made with all above it, and may be there already") {
  const TempFolder folder;
  const std::string path = folder.File("a/b/c");
  REQUIRE(MakeFolder(path).has_value());
  CHECK(ModeOf(path) == 0700);
  CHECK(ModeOf(folder.File("a")) == 0700);
  CHECK(MakeFolder(path).has_value());
  CHECK(MakeFolder(path + "/").has_value());
  CHECK(MakeFolder("/").has_value());
  const std::string file = folder.Write("file", "x");
  CHECK_FALSE(MakeFolder(file).has_value());
  CHECK_FALSE(MakeFolder(file + "/below").has_value());
  CHECK_FALSE(MakeFolder("").has_value());
}
