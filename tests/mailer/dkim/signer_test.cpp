#include "mailer/dkim/signer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/mailer/dkim/samples.h"

namespace sealpost::dkim {
namespace {

using samples::BothKeys;
using samples::Message;
using samples::Replace;
using samples::Results;
using samples::Signed;

std::string Unfolded(std::string text) {
  for (std::size_t at = text.find("\r\n "); at != text.npos; at = text.find("\r\n ", at)) text.erase(at, 2);
  return text;
}

// The value of one tag of the first signature, without white space.
std::string Tag(const std::string& signature, std::string_view tag) {
  std::string plain = Unfolded(signature);
  std::erase(plain, ' ');
  const std::size_t start = plain.find(";" + std::string(tag) + "=") + tag.size() + 2;
  return plain.substr(start, plain.find_first_of(";\r", start) - start);
}

std::string SignRsa(const std::string& message, base::Time now = samples::Now()) {
  return Sign(message, {BothKeys().data(), 1}, now).value();
}

std::string SignedNames(const std::string& message) {
  return Tag(SignRsa(message), "h");
}

TEST_CASE("libopendkim passes both signatures") {
  CHECK(Results(Signed()) == "pass pass");
}

TEST_CASE("one field comes for each key, in the order of the keys, each a CRLF line") {
  const std::string fields = Sign(Message(), BothKeys(), samples::Now()).value();
  CHECK(fields.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=rsa1;"));
  const std::size_t second = fields.find("\r\nDKIM-Signature: ") + 2;
  CHECK(fields.substr(second).starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;"));
  CHECK(fields.ends_with("\r\n"));
  CHECK(Tag(fields, "bh") == Tag(fields.substr(second), "bh"));
}

TEST_CASE("without keys nothing is signed") {
  CHECK(Sign(Message(), {}, samples::Now()).value() == "");
}

TEST_CASE("t= is the second of signing, x= seven days later, and there is no l=") {
  const std::string signature = SignRsa(Message(), base::FromMillis(1'700'000'000'999));
  CHECK(Tag(signature, "t") == "1700000000");
  CHECK(Tag(signature, "x") == "1700604800");
  CHECK(Unfolded(signature).find(" l=") == std::string::npos);
}

TEST_CASE("h= lists what is present and once more what must not be added") {
  CHECK(SignedNames(Message()) ==
        "From:From:To:To:Cc:Reply-To:Subject:Subject:Date:Date:Message-ID:Message-ID:MIME-Version:"
        "Content-Type:Content-Type:Content-Transfer-Encoding:List-Id:List-Unsubscribe:List-Unsubscribe:"
        "List-Unsubscribe-Post:List-Unsubscribe-Post:Feedback-ID");
  CHECK(SignedNames("From: a@example.com\r\nIn-Reply-To: <x@y>\r\nReferences: <x@y>\r\nAuto-Submitted: "
                    "auto-generated\r\n\r\n") ==
        "From:From:To:Cc:Reply-To:Subject:Date:Message-ID:Content-Type:List-Unsubscribe:List-Unsubscribe-Post:"
        "In-Reply-To:References:Auto-Submitted");
}

TEST_CASE("names in h= are spelled as in the message, oversigned ones too") {
  const std::string names = SignedNames("FROM: a@example.com\r\nsubject: x\r\n\r\n");
  CHECK(names.starts_with("FROM:FROM:To:Cc:Reply-To:subject:subject:Date:"));
}

TEST_CASE("of repeated fields the lowest is signed first (RFC 6376 5.4.2)") {
  const std::string message = "From: a@example.com\r\nReferences: <1@x>\r\nReferences: <2@x>\r\n\r\nHi\r\n";
  CHECK(SignedNames(message).find("References:References") != std::string::npos);
  CHECK(Results(Signed(message)) == "pass pass");
  const std::string swapped = Replace(Replace(message, "<1@x>", "<3@x>"), "<2@x>", "<1@x>");
  const std::string signature = Signed(message).substr(0, Signed(message).size() - message.size());
  CHECK(Results(signature + Replace(swapped, "<3@x>", "<2@x>")) == "fail fail");
}

TEST_CASE("lines stay below 78 characters and none begins or ends with an empty name") {
  const std::string fields = Sign(Message(), BothKeys(), samples::Now()).value();
  for (std::size_t at = 0; at < fields.size();) {
    const std::size_t end = fields.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    const std::string line = fields.substr(at, end - at);
    CAPTURE(line);
    CHECK(line.size() < 78);
    CHECK(line != "DKIM-Signature:");
    CHECK_FALSE(line.ends_with(' '));
    CHECK((line.starts_with("DKIM-Signature: v=1;") || (line[0] == ' ' && line.size() > 1)));
    at = end + 2;
  }
}

TEST_CASE("a long domain and selector are signed and verified") {
  const std::string label(63, 'a');
  const auto pem = Key::Generate(Algorithm::kRsaSha256);
  const auto key = Key::Parse(label + "." + label + ".example", label, pem->Reveal());
  REQUIRE(key);
  const std::string signature = Sign(Message(), {&*key, 1}, samples::Now()).value();
  CHECK(Results(signature + Message(), [&](std::string_view) { return std::optional((*key)->DnsRecord()); }) == "pass");
}

TEST_CASE("bodies and headers at the edges of canonicalization verify") {
  const std::string head = "From: a@example.com\r\n";
  for (const std::string& message : std::vector<std::string>{
           head, head + "\r\n", head + "\r\n\r\n\r\n", head + "\r\nno line end", head + "\r\n \t\r\n",
           head + "\r\n\r\nx\r\n\r\n", head + "Subject:\r\n\r\nx\r\n", head + "Subject: \t\r\n\r\nx\r\n",
           head + "Subject: a\r\n \r\n\tb\r\n\r\nx\r\n", head + "Subject : spaced\r\n\r\nx\r\n",
           head + "Subject: \xc3\xa4\r\n\r\n\xff\xfe\r\n", head + "To:a\r\n\r\n.\r\n..\r\n"}) {
    CAPTURE(message);
    CHECK(Results(Signed(message)) == "pass pass");
  }
}

TEST_CASE("a signature above ours does not disturb it, and signing twice gives four") {
  const std::string once = Signed();
  CHECK(Results(Signed(once)) == "pass pass pass pass");
}

TEST_CASE("a message that every verifier would read differently is refused") {
  const auto problem = [](const std::string& message) {
    const auto signature = Sign(message, BothKeys(), samples::Now());
    return signature ? std::string() : signature.error().message;
  };
  CHECK(problem("To: a@example.com\r\n\r\n").find("0 From") != std::string::npos);
  CHECK(problem("From: a@example.com\r\nfrom: b@example.com\r\n\r\n").find("2 From") != std::string::npos);
  CHECK(problem("From: a@example.com\n\nx").find("CRLF") != std::string::npos);
  CHECK(problem("From: a@example.com\r\nbroken\r\n\r\n").find("field 2") != std::string::npos);
}

}  // namespace
}  // namespace sealpost::dkim
