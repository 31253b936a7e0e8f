#include "dns/checks/dmarc_parts.h"

#include <doctest/doctest.h>

namespace sealpost::tests {

using dns::SoundDmarc;

TEST_CASE("a sound record is left as it is but for its blanks") {
  CHECK(SoundDmarc("v=DMARC1;p=reject;rua=mailto:a@b.example", "b.example") ==
        "v=DMARC1; p=reject; rua=mailto:a@b.example");
}

TEST_CASE("one mended record answers all findings about it") {
  CHECK(
      SoundDmarc("v=DMARC1; rua=mailto:a@b.example; p=none; sp=nothing; np=reject; t=y; pct=20; rf=afrf; ri=1; psd=y; "
                 "fo=1",
                 "b.example") == "v=DMARC1; p=quarantine; rua=mailto:a@b.example; sp=quarantine; np=reject; fo=1");
}

TEST_CASE("psd=n stays, an empty rua is filled, a tag that stands twice is kept once") {
  CHECK(SoundDmarc("v=DMARC1; p=REJECT; psd=n; rua=; adkim=s; adkim=r", "b.example") ==
        "v=DMARC1; p=reject; psd=n; adkim=s; rua=mailto:dmarc@b.example");
}

TEST_CASE("a text that is no tag list becomes a new record") {
  CHECK(SoundDmarc("v=DMARC1; p", "b.example") == "v=DMARC1; p=quarantine; rua=mailto:dmarc@b.example");
  CHECK(SoundDmarc("", "b.example") == "v=DMARC1; p=quarantine; rua=mailto:dmarc@b.example");
}

}  // namespace sealpost::tests
