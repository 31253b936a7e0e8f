#include "mailer/base/descriptor.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "tests/support/temp_folder.h"

using namespace sealpost::base;

TEST_CASE("a descriptor is closed once, by its last owner") {
  const sealpost::tests::TempFolder folder;
  auto file = OpenToRead(folder.Write("f", "text"));
  REQUIRE(file.has_value());
  const int number = file->get();
  {
    Descriptor owner(std::move(*file));
    CHECK_FALSE(static_cast<bool>(*file));  // NOLINT(bugprone-use-after-move)
    Descriptor last;
    last = std::move(owner);
    CHECK(last.get() == number);
    CHECK(ReadAll(last, "f", 100) == "text");
    CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(::fcntl(number, F_GETFD) == -1);
  CHECK(errno == EBADF);
}

TEST_CASE("a system error names the deed, the path and the reason") {
  CHECK(SystemError("read", "/x", ENOENT).error().kind == ErrorKind::kNotFound);
  CHECK(SystemError("lock", "/x", EACCES).error().message == "cannot lock /x: Permission denied");
  CHECK(SystemError("lock", "/x", EACCES).error().kind == ErrorKind::kUnavailable);
}
