#include "mailer/base/tls_files.h"

#include <doctest/doctest.h>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::base;
using namespace sealpost::tests;

namespace {

CertificatePair Made(const std::string& name, int days = 30) {
  auto pair = MakeSelfSigned(name, days);
  REQUIRE_MESSAGE(pair.has_value(), name);
  return std::move(*pair);
}

// What the openssl program sees in a certificate.
std::string Shown(const CertificatePair& pair) {
  const TempFolder folder;
  return Run({"openssl", "x509", "-in", folder.Write("c", pair.certificate_pem), "-noout", "-text"}).output;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string FaultOf(const std::string& certificate_file, const std::string& key_file) {
  const auto checked = CheckPair(certificate_file, key_file);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a self-signed certificate names its host and verifies against itself") {
  const auto pair = Made("mail.example.com");
  const std::string shown = Shown(pair);
  CHECK(Contains(shown, "Subject: CN = mail.example.com"));
  CHECK(Contains(shown, "DNS:mail.example.com"));
  CHECK(Contains(shown, "NIST CURVE: P-256"));
  CHECK(Contains(shown, "CA:FALSE"));
  CHECK(Contains(shown, "Version: 3"));
  const TempFolder folder;
  const std::string file = folder.Write("c", pair.certificate_pem);
  const auto verify = Run({"openssl", "verify", "-CAfile", file, "-verify_hostname", "mail.example.com", file});
  CHECK(verify.exit_code == 0);
  CHECK(Made("mail.example.com").certificate_pem != pair.certificate_pem);
}

TEST_CASE("an address stands in a certificate as an address") {
  CHECK(Contains(Shown(Made("127.0.0.1")), "IP Address:127.0.0.1"));
  CHECK(Contains(Shown(Made("::1")), "IP Address:0:0:0:0:0:0:0:1"));
}

TEST_CASE("a name too long for a common name still stands in subjectAltName") {
  const std::string name = std::string(63, 'a') + "." + std::string(63, 'b') + ".example";
  CHECK(Contains(Shown(Made(name)), "DNS:" + name));
}

TEST_CASE("a name that is none gets no certificate") {
  for (const std::string& name :
       {std::string(), std::string("a,DNS:evil.example"), std::string("a b"), std::string("a\nb"),
        std::string("a\0b", 3), std::string(254, 'a'), std::string("mäil.example")}) {
    const auto pair = MakeSelfSigned(name, 30);
    REQUIRE_FALSE(pair.has_value());
    CHECK(pair.error().kind == ErrorKind::kInvalid);
  }
}

TEST_CASE("a pair that belongs together is accepted") {
  const TempFolder folder;
  const auto pair = Made("localhost");
  CHECK(FaultOf(folder.Write("c", pair.certificate_pem), folder.Write("k", pair.key_pem)) == "");
}

TEST_CASE("what is wrong with a pair is told with the file") {
  const TempFolder folder;
  const auto pair = Made("localhost");
  const std::string certificate = folder.Write("c", pair.certificate_pem, 0644);
  const std::string key = folder.Write("k", pair.key_pem);
  CHECK(Contains(FaultOf(folder.File("none"), key), folder.File("none")));
  CHECK(Contains(FaultOf(certificate, folder.File("none")), folder.File("none")));
  CHECK(FaultOf(folder.Write("junk", "junk"), key) == folder.File("junk") + " holds no certificate in PEM form");
  CHECK(Contains(FaultOf(certificate, folder.Write("junk", "junk")), folder.File("junk") + " holds no private key"));
  CHECK(Contains(FaultOf(certificate, folder.Write("other", Made("localhost").key_pem)),
                 folder.File("other") + " is not the key of"));
  CHECK(Contains(FaultOf(certificate, folder.Write("open", pair.key_pem, 0644)), "chmod 600 " + folder.File("open")));
  const std::string expired = folder.Write("old", Made("localhost", -1).certificate_pem);
  CHECK_FALSE(FaultOf(expired, key) == "");
}

TEST_CASE("an expired certificate is refused with its own key") {
  const TempFolder folder;
  const auto pair = Made("localhost", -1);
  CHECK(FaultOf(folder.Write("c", pair.certificate_pem), folder.Write("k", pair.key_pem)) ==
        folder.File("c") + " has expired: renew the certificate");
}

TEST_CASE("an encrypted key is refused without a question on the terminal") {
  const TempFolder folder;
  const auto pair = Made("localhost");
  const std::string plain = folder.Write("k", pair.key_pem);
  REQUIRE(
      Run({"openssl", "pkcs8", "-topk8", "-v2", "aes256", "-in", plain, "-out", folder.File("e"), "-passout", "pass:x"})
          .exit_code == 0);
  CHECK(Contains(FaultOf(folder.Write("c", pair.certificate_pem), folder.File("e")), "without a passphrase"));
}
