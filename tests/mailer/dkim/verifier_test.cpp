#include "mailer/dkim/verifier.h"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/mailer/dkim/samples.h"

namespace sealpost::dkim {
namespace {

using samples::BothKeys;
using samples::LookUp;
using samples::Message;
using samples::Replace;
using samples::Results;
using samples::Signed;

std::string Detail(const std::string& message, const KeyLookup& lookup = LookUp) {
  return Verify(message, lookup).value().at(0).detail;
}

KeyLookup Always(const std::string& record) {
  return [record](std::string_view) { return std::optional(record); };
}

TEST_CASE("results tell algorithm, domain and selector") {
  const auto results = Verify(Signed(), LookUp);
  REQUIRE(results);
  REQUIRE(results->size() == 2);
  CHECK(results->at(0).algorithm == "rsa-sha256");
  CHECK(results->at(1).algorithm == "ed25519-sha256");
  CHECK(results->at(0).domain == "example.com");
  CHECK(results->at(0).selector == "rsa1");
  CHECK(results->at(1).selector == "ed1");
  CHECK(results->at(0).detail == "");
}

TEST_CASE("an unsigned message has no results, whatever it looks like") {
  CHECK(Verify(Message(), LookUp).value().empty());
  for (const char* message :
       {"", "\r\n", "x", "From: a@b\r\n", "\r\nbody", "no colon\r\n", " folded\r\n", "\r\n\r\n"}) {
    CAPTURE(message);
    const auto results = Verify(message, LookUp);
    CHECK((!results || results->empty()));
  }
}

TEST_CASE("every byte of what is signed counts") {
  const std::string message = Signed();
  const std::size_t note = message.find("X-Mailer-Note");
  const std::size_t note_end = message.find("Feedback-ID: ");
  for (std::size_t i = message.find("From: "); i < message.size(); ++i) {
    if (message[i] == '\r' || message[i] == '\n' || (i >= note && i < note_end)) continue;
    std::string altered = message;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    CAPTURE(i);
    CHECK(Results(altered).find("pass") == std::string::npos);
  }
  CHECK(Results(Replace(message, "not signed", "nor signed")) == "pass pass");
}

TEST_CASE("white space that the relaxed form ignores may change") {
  CHECK(Results(Replace(Signed(), "Your   receipt", "Your receipt")) == "pass pass");
  CHECK(Results(Replace(Signed(), "Hello  Ann, \t\r\n", "Hello Ann,\r\n")) == "pass pass");
  CHECK(Results(Signed() + "\r\n\r\n") == "pass pass");
}

TEST_CASE("an added field that is oversigned breaks the signatures, above and below") {
  for (const char* added :
       {"From: evil@example.com\r\n", "Subject: evil\r\n", "To: evil@example.com\r\n", "Cc: evil@example.com\r\n",
        "Reply-To: evil@example.com\r\n", "Date: Mon, 23 Nov 2026 10:15:31 +0000\r\n", "Message-ID: <x@y>\r\n",
        "Content-Type: text/html\r\n", "List-Unsubscribe: <https://evil.example>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "subject: evil\r\n"}) {
    CAPTURE(added);
    CHECK(Results(added + Signed()) == "fail fail");
    CHECK(Results(Replace(Signed(), "X-Mailer-Note", std::string(added) + "X-Mailer-Note")) == "fail fail");
  }
  CHECK(Results("Received: from x by y\r\n" + Signed()) == "pass pass");
}

TEST_CASE("a removed signed field and a longer body break the signatures") {
  CHECK(Results(Replace(Signed(), "Feedback-ID: a:b:c:example\r\n", "")) == "fail fail");
  CHECK(Results(Signed() + "more\r\n") == "fail fail");
  CHECK(Detail(Signed() + "more\r\n") == "body hash mismatch");
  CHECK(Detail(Replace(Signed(), "May", "Mai")) == "signature verification failed");
}

TEST_CASE("a changed tag of the signature itself breaks that signature alone") {
  CHECK(Results(Replace(Signed(), "s=rsa1", "s=ed1")).ends_with(" pass"));
  CHECK(Results(Replace(Signed(), "; c=relaxed/relaxed", ";  c=relaxed/simple")).ends_with(" pass"));
  CHECK_FALSE(Results(Replace(Signed(), "s=rsa1", "s=ed1")).starts_with("pass"));
}

TEST_CASE("an expired signature fails, one a day before its end passes") {
  using std::chrono::hours;
  CHECK(Results(Signed(Message(), samples::Now() - hours(24 * 8))) == "fail fail");
  CHECK(Detail(Signed(Message(), samples::Now() - hours(24 * 8))) == "signature expired");
  CHECK(Results(Signed(Message(), samples::Now() - hours(24 * 6))) == "pass pass");
}

TEST_CASE("keys that cannot be used are a permerror (RFC 6376 6.1.2)") {
  const auto none = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  CHECK(Results(Signed(), none) == "permerror permerror");
  CHECK(Detail(Signed(), none) == "key not found in DNS");
  CHECK(Results(Signed(), Always("v=DKIM1; k=rsa; p=")) == "permerror permerror");
  CHECK(Detail(Signed(), Always("v=DKIM1; k=rsa; p=")) == "key revoked");
  for (const std::string& record :
       {std::string(), std::string("v=DKIM1"), std::string("v=DKIM2; p=AAAA"), std::string("v=DKIM1; k=rsa; p=AAAA"),
        std::string("v=DKIM1; k=dsa; p=AAAA"), std::string("p"), std::string("v=DKIM1; p=\0", 12),
        std::string("v=DKIM1; n=") + std::string(5000, 'x') + BothKeys()[0]->DnsRecord(), std::string(100, '\xff')}) {
    CAPTURE(record);
    CHECK(Results(Signed(), Always(record)) == "permerror permerror");
  }
}

TEST_CASE("a key that cannot be fetched now is a temperror of its signature alone") {
  const KeyLookup half = [](std::string_view name) -> base::Result<std::optional<std::string>> {
    if (name.starts_with("rsa1")) return base::Fail(base::ErrorKind::kUnavailable, "no answer");
    return LookUp(name);
  };
  CHECK(Results(Signed(), half) == "temperror pass");
  CHECK(Detail(Signed(), half) == "key DNS query failed");
  const KeyLookup thrower = [](std::string_view) -> std::optional<std::string> { throw std::runtime_error("x"); };
  CHECK(Results(Signed(), thrower) == "temperror temperror");
}

TEST_CASE("a malformed signature is a permerror and leaves the others alone") {
  const std::string junk = "DKIM-Signature: ";
  for (const char* value :
       {"", "v=1", "v=1; a=rsa-sha256; junk", ";;;", "\xff", "v=1; a=rsa-sha256; b=x; bh=y; d=; s=; h=",
        "v=1; a=rsa-sha256; b=x; bh=y; d=example.com; s=rsa1; h=from; x=abc"}) {
    CAPTURE(value);
    CHECK(Results(junk + value + "\r\n" + Signed()) == "permerror pass pass");
    CHECK(Results(Replace(Signed(), "From: ", junk + value + "\r\nFrom: ")) == "pass pass permerror");
  }
  CHECK(Results(Replace(Signed(), "DKIM-Signature:", "DKIM-Signature :")) == "pass pass");
  CHECK(Results(Replace(Signed(), "DKIM-Signature:", "DKIM-Signature\t:")).starts_with("error"));
  // What is good up to there must not pass with a broken end.
  const std::string good = Signed();
  const std::size_t end = good.find("\r\nDKIM-Signature");
  CHECK(Results(good.substr(0, end) + "; junk" + good.substr(end)) == "permerror pass");
}

TEST_CASE("more fields, bytes or signatures than the caps are refused before the library sees them") {
  const std::string signature = "DKIM-Signature: v=1; a=rsa-sha256; b=x; bh=y; d=example.com; s=rsa1; h=from\r\n";
  std::string many;
  for (int i = 0; i < 20; ++i) many += signature;
  CHECK(Verify(many + Message(), LookUp).value().size() == 20);
  CHECK(Results(many + signature + Message()).find("20 DKIM-Signature") != std::string::npos);

  CHECK(Results("X: " + std::string(60'001, 'x') + "\r\n" + Signed()).find("60000") != std::string::npos);
  CHECK(Results("X: " + std::string(59'000, 'x') + "\r\n" + Signed()) == "pass pass");
  const std::string wide = "X: " + std::string(50'000, 'x') + "\r\n";
  CHECK(Results(wide + wide + wide + Signed()).find("131072") != std::string::npos);
  std::string fields;
  for (int i = 0; i < 1001; ++i) fields += "X: y\r\n";
  CHECK(Results(fields + Signed()).find("1000 fields") != std::string::npos);
}

// With a field for each name in h= and one name more, libopendkim alone writes behind its list.
TEST_CASE("an h= that names every field and more is judged without harm") {
  CHECK(Results(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=rsa1; h=from:dkim-signature:x:y:z;"
            " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\nFrom: a@example.com\r\n\r\n") == "fail");
}

TEST_CASE("rsa-sha1 never passes (RFC 8301 3.1)") {
  const auto results = Verify(Replace(Signed(), "a=rsa-sha256", "a=rsa-sha1"), LookUp);
  CHECK(results.value().at(0).result != "pass");
}

// RFC 8463 A.3, with the records of A.1 and A.2.
TEST_CASE("the message of RFC 8463 passes with both its signatures") {
  const std::string message =
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
      " date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
      " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
      " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
      "\r\n"
      "Hi.\r\n"
      "\r\n"
      "We lost the game.  Are you hungry yet?\r\n"
      "\r\n"
      "Joe.\r\n";
  const KeyLookup records = [](std::string_view name) -> std::optional<std::string> {
    if (name == "brisbane._domainkey.football.example.com") {
      return "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    }
    if (name == "test._domainkey.football.example.com") {
      return "v=DKIM1; k=rsa; "
             "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
             "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
             "Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
    }
    return std::nullopt;
  };
  CHECK(Results(message, records) == "pass pass");
  CHECK(Results(Replace(message, "dinner", "Dinner"), records) == "fail fail");
}

}  // namespace
}  // namespace sealpost::dkim
