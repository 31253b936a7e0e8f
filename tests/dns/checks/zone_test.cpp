#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckZone;

// Answers as told, with a TTL of its own.
class WithTtl final : public dns::Resolver {
 public:
  WithTtl(dns::Resolver& inner, std::uint32_t ttl) : inner_(inner), ttl_(ttl) {}
  dns::Answer Ask(const dns::Question& question, dns::Deadline deadline) override {
    dns::Answer answer = inner_.Ask(question, deadline);
    answer.ttl = ttl_;
    return answer;
  }

 private:
  dns::Resolver& inner_;
  std::uint32_t ttl_;
};

}  // namespace

TEST_CASE("a sound zone passes every check of it, and an unsigned one is noted") {
  const auto found = Trial().Run(CheckZone);
  CHECK(Faults(found) == "");
  for (const char* id : {"DNSSEC-BOGUS", "TTL", "IDN", "LABELS", "FROM-EXISTS"})
    CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
  CHECK(VerdictOf(found, "DNSSEC-NONE") == "info");
  CHECK(VerdictOf(found, "NS-AGREE") == "absent");
}

TEST_CASE("DNSSEC-NONE passes where the resolver has validated") {
  Trial trial;
  trial.zone.set_authenticated(true);
  CHECK(VerdictOf(trial.Run(CheckZone), "DNSSEC-NONE") == "pass");
}

TEST_CASE("DNSSEC-BOGUS: a name that answers only without validation is one fault, and the rest unknown") {
  Trial trial;
  trial.zone.Add("example.com * BOGUS\n_dmarc.example.com * BOGUS");
  const auto found = trial.Run(CheckZone, dns::CheckDmarc, dns::CheckReturnPath, dns::CheckMx);
  CHECK(Faults(found) == "DNSSEC-BOGUS fail");
  CHECK(VerdictOf(found, "FROM-EXISTS") == "unknown");
  CHECK(VerdictOf(found, "DMARC-NONE") == "unknown");
}

TEST_CASE("DNSSEC-BOGUS: a broken selector alone is found") {
  Trial trial;
  trial.Publish("s1._domainkey.example.com", "TXT", "BOGUS");
  const auto found = trial.Run(CheckZone);
  CHECK(Faults(found) == "DNSSEC-BOGUS fail");
  CHECK(Of(found, "DNSSEC-BOGUS").name == "s1._domainkey.example.com");
}

TEST_CASE("DNSSEC-BOGUS is unknown for a server that fails with and without validation") {
  Trial trial;
  trial.Publish("_dmarc.example.com", "TXT", "SERVFAIL");
  const auto found = trial.Run(CheckZone);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DNSSEC-BOGUS") == "unknown");
}

TEST_CASE("FROM-EXISTS: no such domain, and a domain without MX and address, are faults") {
  Trial gone;
  gone.sender.domain = "gone.example.com";
  CHECK(Faults(gone.Run(CheckZone)) == "FROM-EXISTS fail");
  Trial empty;
  empty.sender.domain = "empty.example.com";
  empty.zone.Add("empty.example.com TXT \"x\"");
  CHECK(Faults(empty.Run(CheckZone)) == "FROM-EXISTS fail");
}

TEST_CASE("FROM-EXISTS: a null MX is a warning, or RP-MX's fault where bounces go there") {
  Trial trial;
  trial.Publish("example.com", "MX", "0 .");
  CHECK(Faults(trial.Run(CheckZone, dns::CheckReturnPath)) == "FROM-EXISTS warn");
  trial.sender.return_path = "";
  CHECK(Faults(trial.Run(CheckZone, dns::CheckReturnPath)) == "RP-MX fail");
}

TEST_CASE("TTL: less than five minutes, more than a day and a missing record are notes with the time") {
  for (const std::uint32_t ttl : {60U, 172'800U}) {
    Trial trial;
    WithTtl resolver(trial.zone, ttl);
    trial.resolver = &resolver;
    const auto found = trial.Run(CheckZone);
    CHECK(VerdictOf(found, "TTL") == "info");
    CHECK(Of(found, "TTL").detail.contains(std::to_string(ttl)));
  }
  Trial missing;
  missing.sender.signers = {{"example.com", "s2", std::nullopt}};
  CHECK(Of(missing.Run(CheckZone), "TTL").detail.contains("no record"));
}

TEST_CASE("IDN: a name is shown both ways") {
  Trial trial;
  trial.sender.domain = "xn--bcher-kva.example";
  trial.zone.Add("xn--bcher-kva.example A 9.9.9.9");
  const auto found = trial.Run(CheckZone);
  CHECK(VerdictOf(found, "IDN") == "info");
  CHECK(Of(found, "IDN").detail ==
        "xn--bcher-kva.example is b\xc3\xbc"
        "cher.example to people.");
}

TEST_CASE("LABELS: a selector too long for a label, and a name too long in all, are faults") {
  Trial label;
  label.sender.signers = {{"example.com", std::string(64, 's'), std::nullopt}};
  CHECK(Faults(label.Run(CheckZone)) == "LABELS fail");
  CHECK(Of(label.Run(CheckZone), "LABELS").detail.contains("64 bytes"));
  Trial name;
  const std::string long_label(60, 's');
  name.sender.signers = {
      {"example.com", long_label + "." + long_label + "." + long_label + "." + long_label, std::nullopt}};
  CHECK(Faults(name.Run(CheckZone)) == "LABELS fail");
  CHECK(Of(name.Run(CheckZone), "LABELS").detail.contains("253"));
}

}  // namespace sealpost::tests
