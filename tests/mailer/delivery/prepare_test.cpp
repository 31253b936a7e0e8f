#include "mailer/delivery/prepare.h"

#include <doctest/doctest.h>

#include "mailer/classify/classify.h"
#include "mailer/dkim/verifier.h"
#include "tests/mailer/delivery/courier_fixture.h"

using namespace sealpost;
using base::TokenPurpose;
using delivery::Preparer;

namespace {

class OneKey final : public dkim::Keyring {
 public:
  OneKey() {
    auto pem = dkim::Key::Generate(dkim::Algorithm::kEd25519Sha256);
    REQUIRE(pem.has_value());
    auto key = dkim::Key::Parse("example.com", "s1", pem->Reveal());
    REQUIRE(key.has_value());
    key_ = *key;
  }
  std::vector<std::shared_ptr<const dkim::Key>> KeysFor(std::string_view domain) const override {
    return domain == "example.com" ? std::vector{key_} : std::vector<std::shared_ptr<const dkim::Key>>{};
  }
  const dkim::Key& key() const { return *key_; }

 private:
  std::shared_ptr<const dkim::Key> key_;
};

struct Bench {
  OneKey keyring;
  base::TokenSigner tokens{base::Secret("a master key of a test")};
  tests::ManualClock clock;
  Preparer preparer{keyring, tokens, [](std::string_view domain) { return "bounce." + std::string(domain); }, clock, 1};
};

model::Job JobWithSlot() {
  auto job = tests::JobTo("ann");
  auto content = std::make_shared<model::RawMessage>();
  content->bytes =
      "From: a@example.com\r\nTo: ann@example.net\r\nSubject: x\r\nList-Unsubscribe: <https://u.example/u/";
  content->unsubscribe_slots = {content->bytes.size()};
  content->bytes += std::string(base::TokenSigner::kUrlWidth, '_') + ">\r\n\r\nHello\r\n";
  job.content = std::move(content);
  return job;
}

}  // namespace

TEST_CASE("slots are filled with the recipient's token before the message is signed") {
  Bench bench;
  bench.clock.Set(base::SystemClock().Now());  // libopendkim judges x= by the machine's time
  auto job = JobWithSlot();
  const auto id = *base::ParseId(job.delivery.id);
  const std::size_t slot = job.content->unsubscribe_slots[0];
  const auto ready = bench.preparer.Prepare(job);
  REQUIRE(ready.has_value());
  const auto token = ready->message().substr(slot, base::TokenSigner::kUrlWidth);
  CHECK(bench.tokens.OpenUrl(TokenPurpose::kUnsubscribe, token) == id);
  CHECK(ready->signatures.starts_with("DKIM-Signature:"));
  const auto verified = dkim::Verify(ready->signatures + std::string(ready->message()), [&](std::string_view name) {
    return name == bench.keyring.key().DnsName() ? std::optional(bench.keyring.key().DnsRecord()) : std::nullopt;
  });
  REQUIRE(verified.has_value());
  REQUIRE(verified->size() == 1);
  CHECK(verified->front().result == "pass");
}

TEST_CASE("the return path carries the delivery's token, the size is that of all bytes") {
  Bench bench;
  auto job = JobWithSlot();
  const auto id = *base::ParseId(job.delivery.id);
  const auto ready = bench.preparer.Prepare(job);
  REQUIRE(ready.has_value());
  const std::string& from = ready->envelope.mail_from;
  CHECK(from.starts_with("b+"));
  CHECK(from.ends_with("@bounce.example.com"));
  CHECK(bench.tokens.OpenLocalPart(TokenPurpose::kReturnPath, from.substr(2, from.find('@') - 2)) == id);
  CHECK(ready->envelope.rcpt_to == "ann@example.net");
  CHECK(ready->envelope.size == ready->signatures.size() + ready->message().size());
  CHECK_FALSE(ready->envelope.smtputf8);
}

TEST_CASE("a message without slots is not copied, a domain without keys leaves unsigned") {
  Bench bench;
  auto job = tests::JobTo("ann");
  job.from_domain = "other.example";
  const auto content = job.content;
  const auto ready = bench.preparer.Prepare(job);
  REQUIRE(ready.has_value());
  CHECK(ready->message().data() == content->bytes.data());
  CHECK(ready->signatures.empty());
}

TEST_CASE("SMTPUTF8 is needed for a UTF-8 local part or a UTF-8 header") {
  Bench bench;
  auto job = tests::JobTo("j\xc3\xb6rg");
  CHECK(bench.preparer.Prepare(job)->envelope.smtputf8);
  job = tests::JobTo("ann");
  auto content = std::make_shared<model::RawMessage>(*job.content);
  content->smtputf8 = true;
  job.content = content;
  CHECK(bench.preparer.Prepare(job)->envelope.smtputf8);
}

TEST_CASE("a job that cannot leave says why and stays whole") {
  Bench bench;
  auto job = tests::JobTo("ann");
  job.content = nullptr;
  const auto failed = bench.preparer.Prepare(job);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == 451);
  CHECK_FALSE(job.delivery.id.empty());
  job = tests::JobTo("ann");
  job.delivery.id = "not an id";
  CHECK_FALSE(bench.preparer.Prepare(job).has_value());
}

TEST_CASE("a message that cannot be signed bounces at once, and says nothing of the recipient") {
  Bench bench;
  for (const char* bytes : {"From: a@example.com\r\nX;d=b: c\r\n\r\nHello\r\n", "Subject: x\r\n\r\nHello\r\n",
                            "From: a@example.com\nSubject: x\r\n\r\nHello\r\n"}) {
    CAPTURE(bytes);
    auto job = tests::JobTo("ann");
    auto content = std::make_shared<model::RawMessage>();
    content->bytes = bytes;
    job.content = std::move(content);
    const auto failed = bench.preparer.Prepare(job);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == 554);
    CHECK(failed.error().enhanced == "5.6.0");
    const auto verdict = classify::Classify(failed.error(), false);
    CHECK(verdict.kind == model::VerdictKind::kBounce);
    CHECK(verdict.scope == model::VerdictScope::kMessage);
    CHECK_FALSE(job.delivery.id.empty());
  }
}
