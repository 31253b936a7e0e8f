#include "mailer/dkim/key_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_folder.h"

namespace sealpost::dkim {
namespace {

std::size_t FileCount(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.exists();
  return count;
}

TEST_CASE("a key file is made for its owner alone and loads as the same key") {
  const tests::TempFolder folder;
  for (const Algorithm algorithm : {Algorithm::kRsaSha256, Algorithm::kEd25519Sha256}) {
    const std::string path = folder.File(AlgorithmName(algorithm));
    const auto made = MakeKeyFile(path, "example.com", "s1", algorithm);
    REQUIRE(made);
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
    CHECK(facts.st_nlink == 1);

    const auto loaded = LoadKeyFile(path, "example.com", "s1");
    REQUIRE(loaded);
    CHECK((*loaded)->DnsRecord() == (*made)->DnsRecord());
    CHECK((*loaded)->algorithm() == algorithm);
  }
  CHECK(FileCount(folder.path()) == 2);
}

TEST_CASE("nothing at the path is overwritten: neither a file nor a link") {
  const tests::TempFolder folder;
  const std::string path = folder.Write("key.pem", "precious");
  const auto over_file = MakeKeyFile(path, "example.com", "s1", Algorithm::kEd25519Sha256);
  REQUIRE_FALSE(over_file);
  CHECK(over_file.error().kind == base::ErrorKind::kConflict);
  CHECK(folder.Read("key.pem") == "precious");

  const std::string link = folder.File("link.pem");
  REQUIRE(::symlink("nowhere", link.c_str()) == 0);
  const auto over_link = MakeKeyFile(link, "example.com", "s1", Algorithm::kEd25519Sha256);
  REQUIRE_FALSE(over_link);
  CHECK(over_link.error().kind == base::ErrorKind::kConflict);
  CHECK(std::filesystem::is_symlink(link));
  CHECK(FileCount(folder.path()) == 1);  // the file; the link leads nowhere, and no draft is left
}

TEST_CASE("a wrong name or folder makes no file") {
  const tests::TempFolder folder;
  CHECK_FALSE(MakeKeyFile(folder.File("k"), "no host", "s1", Algorithm::kEd25519Sha256));
  CHECK_FALSE(MakeKeyFile(folder.File("missing/k"), "example.com", "s1", Algorithm::kEd25519Sha256));
  CHECK(FileCount(folder.path()) == 0);
}

TEST_CASE("a key that others may read is refused with the remedy") {
  const tests::TempFolder folder;
  const std::string path = folder.File("key.pem");
  REQUIRE(MakeKeyFile(path, "example.com", "s1", Algorithm::kEd25519Sha256));
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  const auto key = LoadKeyFile(path, "example.com", "s1");
  REQUIRE_FALSE(key);
  CHECK(key.error().message.find("chmod 600 " + path) != std::string::npos);
}

TEST_CASE("errors of loading name the path and never the contents") {
  const tests::TempFolder folder;
  const std::string path = folder.Write("key.pem", "top secret text");
  const auto key = LoadKeyFile(path, "example.com", "s1");
  REQUIRE_FALSE(key);
  CHECK(key.error().message.starts_with(path + ": "));
  CHECK(key.error().message.find("top secret") == std::string::npos);
  CHECK(LoadKeyFile(folder.File("none"), "example.com", "s1").error().kind == base::ErrorKind::kNotFound);
}

}  // namespace
}  // namespace sealpost::dkim
