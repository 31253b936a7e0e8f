#include "dns/dane.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;

namespace {

bool Usable(unsigned usage, unsigned selector, unsigned matching, std::size_t bytes) {
  return TlsaProblem({static_cast<std::uint8_t>(usage), static_cast<std::uint8_t>(selector),
                      static_cast<std::uint8_t>(matching), std::string(bytes, '\0')})
      .empty();
}

}  // namespace

TEST_CASE("TLSA records of an MX stand under port 25 over TCP") {
  CHECK(TlsaName("mx.example.com") == "_25._tcp.mx.example.com");
}

TEST_CASE("SMTP clients use DANE-TA and DANE-EE records with a digest of the right length") {
  CHECK(Usable(3, 1, 1, 32));
  CHECK(Usable(2, 0, 2, 64));
  CHECK(Usable(3, 0, 0, 700));
}

TEST_CASE("PKIX usages are passed over, unknown parameters and wrong lengths too") {
  CHECK(TlsaProblem({1, 1, 1, std::string(32, 'x')}).find("RFC 7672 3.1.3") != std::string::npos);
  CHECK_FALSE(Usable(0, 1, 1, 32));
  CHECK_FALSE(Usable(255, 1, 1, 32));
  CHECK_FALSE(Usable(3, 2, 1, 32));
  CHECK_FALSE(Usable(3, 1, 3, 32));
  CHECK_FALSE(Usable(3, 1, 255, 32));
  CHECK_FALSE(Usable(3, 1, 1, 0));
  CHECK_FALSE(Usable(3, 1, 0, 0));
  CHECK(TlsaProblem({3, 1, 1, std::string(31, 'x')}) == "a SHA-256 digest has 32 bytes, this has 31");
  CHECK(TlsaProblem({3, 1, 2, std::string(32, 'x')}) == "a SHA-512 digest has 64 bytes, this has 32");
}
