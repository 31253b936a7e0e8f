#include "dns/checks/context.h"
#include "dns/dkim_record.h"
#include "tests/dns/checks/trial.h"
#include "tests/dns/texts.h"

using namespace sealpost;
using namespace sealpost::dns;
using tests::Faults;
using tests::FixOf;
using tests::kRsa;
using tests::Of;
using tests::VerdictOf;

namespace {

const std::string kOtherRsa =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnutHKokgbFzk0Sy8BZXNl6ByYWDNnoNIxfX/P5MOdDAZEwpLbEMUoLyAzP577HsPGOFl"
    "3JbCKJ1nSPZ9u5/Cjlo0XbCtK1DNZMoupTZlge7hsd+6svxx1td60yAqIr9DSqPZJ2iKK+SuvStL6wmqMclmVUO56p49bi5w3PBfaeF+iRhszoOY"
    "ypGEtU2nyj92tuh03TSrN/qfkZwZ7dVWyoJHBAGP1yxKCf7hxLFjRZ9sItN/AELNPDX6bIFizxNJNOjHQNux9gCfsx5vMUk43peGYZvdfkDbuG7f"
    "PF4EL0Mv4+VXWrjZk8CvOqtELNfZ2ldT7QE0LrEUdMYAUtcEswIDAQAB";
const std::string kRsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCh3NqCBNDmdLnV4wKLPyjLY0rn6S+NubFpRxtVzlh3wwkQ3bo9fZ9ON1TlWGgbrO67+eIGokQU"
    "aaRSTJdlyJF/4/NcU7T9mj/Wc+ED0x2MzgpyAVRiXDza9WH/DCwQDcLYlJ9K5EkVFj+9B888862iVdCfUTbNiIUWWU+mPgR6pQIDAQAB";
const std::string kRsa512 =
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANIHOP/u1KEldpAGtT7/EbkgX3qzkqtTZAJ9dsCc6csyY/iPwCnTUZ1xseKrRYBbSsVPoiMu/RBLq2BD"
    "euPcXaUCAwEAAQ==";
const std::string kEd = "sMYZZCSqlIvrNAOmtWQoSKwnlsrEFxfPORDRmbuTOWs=";

PublicKey Rsa(const std::string& text = kRsa) {
  return ReadPublishedKey(text, KeyType::kRsa).value();
}
PublicKey Ed() {
  return ReadPublishedKey(kEd, KeyType::kEd25519).value();
}

const std::string kName = "s1._domainkey.example.com";

// One selector with a key that is known, unless a test says otherwise.
struct Dkim {
  tests::ZoneResolver zone;
  Sender sender;
  bool signed_by_us = false;

  explicit Dkim(const std::string& record = "") {
    sender.domain = "example.com";
    sender.signers = {{"example.com", "s1", Rsa()}};
    if (!record.empty()) Publish(record);
  }
  void Publish(const std::string& record, const std::string& name = kName) {
    std::string strings;
    for (std::size_t at = 0; at < record.size(); at += 255) strings += "\"" + record.substr(at, 255) + "\" ";
    zone.Add(name + " TXT " + strings);
  }
  std::vector<Finding> Run() {
    Findings findings;
    const Tools tools{zone, tests::Suffixes(), {}};
    Context context{sender, tools, findings};
    CheckDkim(context);
    signed_by_us = context.signed_by_us;
    return findings.Take();
  }
};

const std::string kSound = "v=DKIM1; k=rsa; p=" + kRsa;
const std::string kSoundFix = kName + " TXT " + kSound;

}  // namespace

TEST_CASE("the key that we sign with, in two strings, passes every check") {
  Dkim dkim(kSound);
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "");
  CHECK(dkim.signed_by_us);
  for (const char* id : {"DKIM-NONE", "DKIM-MULTI", "DKIM-SYNTAX", "DKIM-KEYMATCH", "DKIM-REVOKED", "DKIM-BASE64",
                         "DKIM-WEAK", "DKIM-ALG", "DKIM-EDONLY", "DKIM-TEST", "DKIM-STRICT-I", "DKIM-SERVICE",
                         "DKIM-WILDCARD", "DKIM-DUP", "DKIM-SIZE"}) {
    CHECK_MESSAGE(VerdictOf(findings, id) == "pass", id);
  }
}

TEST_CASE("v= may be missing, blanks may stand inside the key, and the order is free") {
  CHECK(Faults(Dkim("p=" + kRsa.substr(0, 100) + " " + kRsa.substr(100)).Run()) == "");
  CHECK(Faults(Dkim("v=DKIM1;p=" + kRsa + ";k=rsa;").Run()) == "");
}

TEST_CASE("without a selector nothing is known, and the report says how to give one") {
  Dkim dkim;
  dkim.sender.signers.clear();
  const auto findings = dkim.Run();
  REQUIRE(findings.size() == 1);
  CHECK(VerdictOf(findings, "DKIM-NONE") == "unknown");
  CHECK(findings[0].detail.contains("--selector"));
  CHECK_FALSE(dkim.signed_by_us);
}

TEST_CASE("a selector without a record is missing, and the exact record is given") {
  Dkim dkim;
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-NONE fail");
  CHECK(FixOf(findings, "DKIM-NONE") == kSoundFix);
  CHECK_FALSE(dkim.signed_by_us);
}

TEST_CASE("a record that the panel published below the zone once more is found") {
  Dkim dkim;
  dkim.Publish(kSound, kName + ".example.com");
  CHECK(Of(dkim.Run(), "DKIM-NONE").detail.contains(kName + ".example.com"));
}

TEST_CASE("two records at a selector are one fault, even if one of them is ours") {
  Dkim dkim(kSound);
  dkim.Publish("v=DKIM1; p=");
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-MULTI fail");
  CHECK(FixOf(findings, "DKIM-MULTI") == kSoundFix);
  dkim.sender.signers[0].key.reset();
  CHECK(FixOf(dkim.Run(), "DKIM-MULTI") == kSoundFix);
}

TEST_CASE("a record that cannot be read is shown with the place") {
  CHECK(Faults(Dkim("k=rsa; v=DKIM1; p=" + kRsa).Run()) == "DKIM-SYNTAX fail");
  CHECK(Faults(Dkim("v=DKIM1; p=" + kRsa + "; p=" + kRsa).Run()) == "DKIM-SYNTAX fail");
  CHECK(Faults(Dkim("v=spf1 -all").Run()) == "DKIM-SYNTAX fail");
  Dkim escaped("v=DKIM1\\; k=rsa\\; p=" + kRsa);
  escaped.sender.signers[0].key.reset();
  CHECK(FixOf(escaped.Run(), "DKIM-SYNTAX") == kSoundFix);
}

TEST_CASE("another key than ours is one fault, and ours is the record to publish") {
  Dkim dkim("v=DKIM1; k=rsa; p=" + kOtherRsa);
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-KEYMATCH fail");
  CHECK(FixOf(findings, "DKIM-KEYMATCH") == kSoundFix);
  CHECK_FALSE(dkim.signed_by_us);
}

TEST_CASE("keys published under each other's selectors are recognized") {
  Dkim dkim("v=DKIM1; p=" + kOtherRsa);
  dkim.sender.signers.push_back({"example.com", "s2", Rsa(kOtherRsa)});
  dkim.Publish("v=DKIM1; p=" + kOtherRsa, "s2._domainkey.example.com");
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-KEYMATCH fail");
  CHECK(Of(findings, "DKIM-KEYMATCH").detail.contains("selector s2"));
}

TEST_CASE("a selector given without its key is held against all of our keys") {
  Dkim dkim(kSound);
  dkim.sender.signers[0].key.reset();
  CHECK(VerdictOf(dkim.Run(), "DKIM-KEYMATCH") == "info");
  CHECK(dkim.signed_by_us);
  dkim.sender.keys = {Rsa()};
  CHECK(VerdictOf(dkim.Run(), "DKIM-KEYMATCH") == "pass");
  dkim.sender.keys = {Rsa(kOtherRsa)};
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-KEYMATCH fail");
  CHECK(FixOf(findings, "DKIM-KEYMATCH") == kName + " TXT v=DKIM1; k=rsa; p=" + kOtherRsa);
}

TEST_CASE("a key of ours that stands at none of the selectors is a fault, but not where one is broken") {
  Dkim dkim(kSound);
  dkim.sender.signers[0].key.reset();
  dkim.sender.keys = {Rsa(), Rsa(kOtherRsa)};
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-KEYMATCH fail");
  CHECK(Of(findings, "DKIM-KEYMATCH").remedy.contains(kOtherRsa));
  dkim.sender.signers.push_back({"example.com", "s2", std::nullopt});
  CHECK(Faults(dkim.Run()) == "DKIM-NONE fail");
}

TEST_CASE("of several keys of ours the one that is left belongs to the selector that has none") {
  Dkim dkim(kSound);
  dkim.sender.signers = {{"example.com", "s1", std::nullopt}, {"example.com", "s2", std::nullopt}};
  dkim.sender.keys = {Ed(), Rsa()};
  CHECK(FixOf(dkim.Run(), "DKIM-NONE") == "s2._domainkey.example.com TXT v=DKIM1; k=ed25519; p=" + kEd);
  dkim.sender.signers.push_back({"example.com", "s3", std::nullopt});
  CHECK(FixOf(dkim.Run(), "DKIM-NONE") == "");
}

TEST_CASE("a revoked key is told as that and as nothing else") {
  Dkim dkim("v=DKIM1; k=rsa; p=");
  CHECK(Faults(dkim.Run()) == "DKIM-REVOKED fail");
  CHECK_FALSE(dkim.signed_by_us);
}

TEST_CASE("a key cut at 255 characters is told from other damage") {
  const auto cut = Dkim(kSound.substr(0, 255)).Run();
  CHECK(Faults(cut) == "DKIM-BASE64 fail");
  CHECK(Of(cut, "DKIM-BASE64").detail.contains("255"));
  CHECK(FixOf(cut, "DKIM-BASE64") == kSoundFix);
  const auto damaged = Dkim("v=DKIM1; p=" + kRsa.substr(0, 200)).Run();
  CHECK(Faults(damaged) == "DKIM-BASE64 fail");
  CHECK_FALSE(Of(damaged, "DKIM-BASE64").detail.contains("255 characters"));
  CHECK(Faults(Dkim("v=DKIM1; p=not*base64").Run()) == "DKIM-BASE64 fail");
}

TEST_CASE("short keys are refused, middling ones warned of") {
  Dkim weak("v=DKIM1; p=" + kRsa512);
  weak.sender.signers[0].key = Rsa(kRsa512);
  CHECK(Faults(weak.Run()) == "DKIM-WEAK fail");
  CHECK_FALSE(weak.signed_by_us);
  Dkim middling("v=DKIM1; p=" + kRsa1024);
  middling.sender.signers[0].key = Rsa(kRsa1024);
  CHECK(Faults(middling.Run()) == "DKIM-WEAK warn");
  CHECK(middling.signed_by_us);
}

TEST_CASE("k= must fit the key, and h= allow sha256") {
  const auto kind = Dkim("v=DKIM1; k=ed25519; p=" + kRsa).Run();
  CHECK(Faults(kind) == "DKIM-ALG fail");
  CHECK(FixOf(kind, "DKIM-ALG") == kSoundFix);
  CHECK(Faults(Dkim("v=DKIM1; k=dsa; p=" + kRsa).Run()) == "DKIM-ALG fail");
  const auto hash = Dkim("v=DKIM1; k=rsa; h=rsa-sha256; p=" + kRsa).Run();
  CHECK(Faults(hash) == "DKIM-ALG fail");
  CHECK(FixOf(hash, "DKIM-ALG") == kSoundFix);
  CHECK(Faults(Dkim("v=DKIM1; h=sha1:sha256; p=" + kRsa).Run()) == "");
}

TEST_CASE("an Ed25519 key without its k= is told from a damaged RSA key") {
  Dkim dkim("v=DKIM1; p=" + kEd);
  dkim.sender.signers[0].key.reset();
  const auto findings = dkim.Run();
  CHECK(Faults(findings) == "DKIM-ALG fail");
  CHECK(FixOf(findings, "DKIM-ALG") == kName + " TXT v=DKIM1; p=" + kEd + "; k=ed25519");
}

TEST_CASE("Ed25519 needs an RSA key beside it") {
  Dkim dkim("v=DKIM1; k=ed25519; p=" + kEd);
  dkim.sender.signers[0].key = Ed();
  CHECK(Faults(dkim.Run()) == "DKIM-EDONLY warn");
  dkim.sender.signers.push_back({"example.com", "s2", Rsa()});
  dkim.Publish(kSound, "s2._domainkey.example.com");
  CHECK(Faults(dkim.Run()) == "");
}

TEST_CASE("a broken RSA twin is reported for what it is, not as missing") {
  Dkim dkim("v=DKIM1; k=ed25519; p=" + kEd);
  dkim.sender.signers = {{"example.com", "s1", Ed()}, {"example.com", "s2", Rsa()}};
  CHECK(Faults(dkim.Run()) == "DKIM-NONE fail");
}

TEST_CASE("a trial flag is warned of, and taken out alone") {
  const auto findings = Dkim("v=DKIM1; t=y:s; p=" + kRsa).Run();
  CHECK(Faults(findings) == "DKIM-TEST warn");
  CHECK(FixOf(findings, "DKIM-TEST") == kName + " TXT v=DKIM1; t=s; p=" + kRsa);
}

TEST_CASE("t=s matters to those who sign with i= below d=") {
  Dkim dkim("v=DKIM1; t=s; p=" + kRsa);
  CHECK(Faults(dkim.Run()) == "");
  dkim.sender.identity_below = true;
  CHECK(Faults(dkim.Run()) == "DKIM-STRICT-I fail");
  CHECK(FixOf(dkim.Run(), "DKIM-STRICT-I") == kName + " TXT v=DKIM1; p=" + kRsa);
}

TEST_CASE("a key for another service is not one for mail") {
  CHECK(Faults(Dkim("v=DKIM1; s=tlsrpt; p=" + kRsa).Run()) == "DKIM-SERVICE fail");
  CHECK(Faults(Dkim("v=DKIM1; s=tlsrpt:email; p=" + kRsa).Run()) == "");
}

TEST_CASE("an alias to a key is as good as the key, and a foreign zone is named") {
  Dkim dkim;
  dkim.zone.Add(kName + " CNAME s1.dkim.example.com");
  dkim.Publish(kSound, "s1.dkim.example.com");
  CHECK(Faults(dkim.Run()) == "");
  CHECK(VerdictOf(dkim.Run(), "DKIM-CNAME") == "pass");

  Dkim hosted;
  hosted.zone.Add(kName + " CNAME s1.dkim.example.net");
  hosted.Publish(kSound, "s1.dkim.example.net");
  CHECK(Faults(hosted.Run()) == "");
  CHECK(VerdictOf(hosted.Run(), "DKIM-CNAME") == "info");
  CHECK(Of(hosted.Run(), "DKIM-CNAME").detail.contains("s1.dkim.example.net"));
}

TEST_CASE("an alias that leads nowhere, or in a circle, is the one fault") {
  Dkim dangling;
  dangling.zone.Add(kName + " CNAME gone.example.net");
  const auto findings = dangling.Run();
  CHECK(Faults(findings) == "DKIM-CNAME fail");
  CHECK(FixOf(findings, "DKIM-CNAME") == kSoundFix);
  Dkim circle;
  circle.zone.Add(kName + " CNAME b.example.com");
  circle.zone.Add("b.example.com CNAME " + kName);
  CHECK(Faults(circle.Run()) == "DKIM-CNAME fail");
}

TEST_CASE("a wildcard that answers for selectors nobody publishes is warned of") {
  Dkim dkim(kSound);
  dkim.zone.Add(R"(*._domainkey.example.com TXT "v=DKIM1; p=")");
  CHECK(Faults(dkim.Run()) == "DKIM-WILDCARD warn");
}

TEST_CASE("one key under domains of different owners is warned of") {
  Dkim dkim(kSound);
  dkim.sender.signers.push_back({"example.net", "s1", Rsa()});
  dkim.Publish(kSound, "s1._domainkey.example.net");
  CHECK(Faults(dkim.Run()) == "DKIM-DUP warn");
  dkim.sender.signers[1].domain = "news.example.com";
  dkim.Publish(kSound, "s1._domainkey.news.example.com");
  CHECK(Faults(dkim.Run()) == "");
}

TEST_CASE("an answer that no datagram is sure to carry is warned of") {
  Dkim dkim("v=DKIM1; n=" + std::string(1'300, 'x') + "; p=" + kRsa);
  CHECK(Faults(dkim.Run()) == "DKIM-SIZE warn");
}

TEST_CASE("a name server that fails makes it unknown: neither a pass nor a fault") {
  for (const char* failure : {"SERVFAIL", "TIMEOUT", "REFUSED"}) {
    Dkim dkim;
    dkim.zone.Add(kName + " TXT " + failure);
    const auto findings = dkim.Run();
    CHECK(Faults(findings) == "");
    CHECK(VerdictOf(findings, "DKIM-NONE") == "unknown");
    CHECK_FALSE(dkim.signed_by_us);
  }
}

TEST_CASE("hostile records end in findings, not in a crash") {
  for (const std::string& record : {std::string(60'000, ';'), std::string("v=DKIM1; p=") + std::string(60'000, 'A'),
                                    std::string("p=\x01\xff"), std::string("v=DKIM1"), std::string("=;=;=")}) {
    CHECK_FALSE(Dkim(record).Run().empty());
  }
}

TEST_CASE("a value in the wrong case is no such value for verifiers that compare it so") {
  CHECK(FixOf(Dkim("v=DKIM1; k=RSA; p=" + kRsa).Run(), "DKIM-ALG") == kSoundFix);
  CHECK(FixOf(Dkim("v=DKIM1; k=rsa; h=SHA256; p=" + kRsa).Run(), "DKIM-ALG") == kSoundFix);
}

TEST_CASE("whatever is wrong with the tags of one record, one record is given to publish, and mends them") {
  for (const std::string tags :
       {"k=RSA; h=sha1; t=y:s; s=tlsrpt", "h=SHA256; t=y", "s=Email; t=s:y", "t=s; s=x; h=x"}) {
    INFO(tags);
    Dkim dkim("v=DKIM1; " + tags + "; p=" + kRsa);
    dkim.sender.signers[0].key.reset();
    dkim.sender.identity_below = true;
    const auto found = dkim.Run();
    std::string given;
    for (const Finding& finding : found) {
      if (!finding.fix) continue;
      CHECK((given.empty() || given == finding.fix->value));
      given = finding.fix->value;
    }
    REQUIRE_FALSE(given.empty());
    Dkim mended(given);
    mended.sender.signers[0].key.reset();
    mended.sender.identity_below = true;
    CHECK(Faults(mended.Run()) == "");
  }
}
