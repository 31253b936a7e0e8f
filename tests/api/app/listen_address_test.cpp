#include "api/app/listen_address.h"

#include <doctest/doctest.h>

using namespace sealpost;

TEST_CASE("development listens on loopback, in either family") {
  CHECK(app::ParseLoopback("--listen", "127.0.0.1:8025")->ToString() == "127.0.0.1:8025");
  CHECK(app::ParseLoopback("--listen", "127.9.9.9:0")->port == 0);
  CHECK(app::ParseLoopback("--listen", "localhost:65535")->ToString() == "127.0.0.1:65535");
  CHECK(app::ParseLoopback("--listen", "[::1]:8025")->ToString() == "[::1]:8025");
}

TEST_CASE("anything else is refused with the flag and the reason") {
  for (const char* bad :
       {"", "8025", ":8025", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65536",
        "127.0.0.1:80x", "0.0.0.0:8025", "192.0.2.1:8025", "[::]:8025", "[::2]:8025", "[::1:8025", "example.com:8025",
        "127.example.com:8025", "127.0.0.1.example.com:8025", "localhost.example.com:80"}) {
    const auto address = app::ParseLoopback("--listen", std::string(bad));
    CHECK_MESSAGE(!address.has_value(), std::string(bad));
    if (!address) CHECK(address.error().message.starts_with("--listen " + std::string(bad)));
  }
}

TEST_CASE("a free port is one of the kernel's") {
  const auto port = app::FreePort("127.0.0.1");
  REQUIRE(port);
  CHECK(*port > 0);
  CHECK(*port < 65'536);
  CHECK_FALSE(app::FreePort("not an address"));
}
