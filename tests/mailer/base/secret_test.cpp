#include "mailer/base/secret.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <set>
#include <thread>
#include <type_traits>
#include <vector>

#include "mailer/base/guarded.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::base;
using sealpost::tests::TempFolder;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

TEST_CASE("a secret moves and leaves nothing behind") {
  for (const std::string text : {"short", "a secret that is too long for the string's own small buffer"}) {
    Secret first{std::string(text)};
    Secret second(std::move(first));
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(second.Reveal() == text);
    Secret third;
    third = std::move(second);
    CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(third.Reveal() == text);
  }
}

TEST_CASE("a secret is read without its last line end") {
  const TempFolder folder;
  CHECK(Secret::FromFile(folder.Write("a", "s3cret\n"))->Reveal() == "s3cret");
  CHECK(Secret::FromFile(folder.Write("b", "s3cret\r\n"))->Reveal() == "s3cret");
  CHECK(Secret::FromFile(folder.Write("c", "s3cret"))->Reveal() == "s3cret");
  CHECK(Secret::FromFile(folder.Write("d", " two\nlines\n\n"))->Reveal() == " two\nlines\n");
}

TEST_CASE("a secret that others may read is refused with the remedy") {
  const TempFolder folder;
  for (const unsigned mode : {0640u, 0604u, 0620u, 0601u, 0644u}) {
    const std::string path = folder.Write("key", "s3cret\n", mode);
    const auto secret = Secret::FromFile(path);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().kind == ErrorKind::kInvalid);
    CHECK(secret.error().message.find("chmod 600 " + path) != std::string::npos);
    CHECK(secret.error().message.find("s3cret") == std::string::npos);
  }
  CHECK(Secret::FromFile(folder.Write("key", "s3cret\n", 0400)).has_value());
}

TEST_CASE("a missing, an empty, an endless secret and a folder are errors that name the path") {
  const TempFolder folder;
  const auto missing = Secret::FromFile(folder.File("none"));
  CHECK(missing.error().kind == ErrorKind::kNotFound);
  CHECK(missing.error().message.find(folder.File("none")) != std::string::npos);
  CHECK(Secret::FromFile(folder.Write("empty", "\n")).error().kind == ErrorKind::kInvalid);
  CHECK_FALSE(Secret::FromFile(folder.Write("huge", std::string(100'000, 'x'))).has_value());
  CHECK_FALSE(Secret::FromFile(folder.path()).has_value());
}

TEST_CASE("a secret that is not there yet is made once and then read") {
  const TempFolder folder;
  const std::string path = folder.File("master.key");
  const auto made = Secret::FromFileOrNew(path, 32);
  REQUIRE(made.has_value());
  CHECK(made->Reveal().size() == 43);
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(facts.st_nlink == 1);
  CHECK(Secret::FromFileOrNew(path)->Reveal() == made->Reveal());
  CHECK_FALSE(Secret::FromFileOrNew(folder.File("no/such/folder/key")).has_value());
  CHECK_FALSE(Secret::FromFileOrNew(folder.Write("open.key", "x", 0644)).has_value());
}

TEST_CASE("a key that is too short to be one is refused with its path and the remedy") {
  const TempFolder folder;
  const std::string path = folder.Write("short.key", "0123456789abcde\n");
  for (const auto& refused : {Secret::FromFileOrNew(path), Secret::FromFile(path, Secret::kKeyBytes)}) {
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::kInvalid);
    CHECK(refused.error().message.starts_with(path + " is too short"));
    CHECK(refused.error().message.find("openssl rand") != std::string::npos);
    CHECK(refused.error().message.find("0123456789abcde") == std::string::npos);
  }
  CHECK(folder.Read("short.key") == "0123456789abcde\n");
  CHECK(Secret::FromFileOrNew(folder.Write("key", "0123456789abcdef\n")).has_value());
  CHECK_FALSE(Secret::FromFileOrNew(folder.Write("empty.key", "")).has_value());
}

TEST_CASE("those who make the same secret at the same time get the same one") {
  const TempFolder folder;
  Guarded<std::set<std::string>> seen;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto secret = Secret::FromFileOrNew(folder.File("key"));
        seen.Lock()->insert(secret ? std::string(secret->Reveal()) : secret.error().message);
      });
    }
  }
  CHECK(seen.Lock()->size() == 1);
}
