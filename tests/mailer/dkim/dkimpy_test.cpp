// Our signatures judged by dkimpy, which shares no code with us nor with libopendkim.
#include <doctest/doctest.h>

#include <string>

#include "mailer/base/json.h"
#include "tests/mailer/dkim/samples.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace sealpost::dkim {
namespace {

const std::string kScripts = SEALPOST_SOURCE_DIR "/tests/verify/";

std::string Records() {
  base::JsonWriter writer;
  writer.BeginArray();
  for (const auto& key : samples::BothKeys()) {
    writer.BeginObject().Key("name").String(key->DnsName()).Key("type").String("TXT");
    writer.Key("value").String(key->DnsRecord()).EndObject();
  }
  return writer.EndArray().Take();
}

tests::Outcome RunScript(const tests::TempFolder& folder, const std::string& script, const std::string& message) {
  return tests::Run({"/usr/bin/python3", "-B", kScripts + script, folder.Write("message", message),
                     folder.Write("records", Records())});
}

TEST_CASE("dkimpy passes both signatures") {
  const tests::TempFolder folder;
  const auto outcome = RunScript(folder, "dkim_verify.py", samples::Signed());
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output == "DKIM rsa-sha256: pass\nDKIM ed25519-sha256: pass\n");
}

TEST_CASE("dkimpy passes messages at the edges of canonicalization") {
  const tests::TempFolder folder;
  for (const char* message : {"From: a@example.com\r\n\r\n", "From: a@example.com\r\n\r\n\r\n\r\n \t\r\nx\r\n\r\n",
                              "From: a@example.com\r\nSubject:\r\n\r\nx\r\n",
                              "From: a@example.com\r\nReferences: <1@x>\r\nReferences: <2@x>\r\n\r\nx  y \r\n"}) {
    CAPTURE(message);
    CHECK(RunScript(folder, "dkim_verify.py", samples::Signed(message)).exit_code == 0);
  }
}

TEST_CASE("dkimpy notices every change and every added field") {
  const tests::TempFolder folder;
  const auto outcome = RunScript(folder, "dkim_tamper.py", samples::Signed());
  CAPTURE(outcome.output);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.find(" 0 unnoticed") != std::string::npos);
}

TEST_CASE("the script says no to one algorithm alone, to a broken signature and to none") {
  const tests::TempFolder folder;
  const std::string message = samples::Message();
  const auto rsa = Sign(message, {samples::BothKeys().data(), 1}, samples::Now()).value() + message;
  CHECK(RunScript(folder, "dkim_verify.py", rsa).exit_code == 1);
  CHECK(RunScript(folder, "dkim_verify.py", message).exit_code == 1);
  const auto broken = RunScript(folder, "dkim_verify.py", samples::Replace(samples::Signed(), "thank", "thenk"));
  CHECK(broken.exit_code == 1);
  CHECK(broken.output.find("DKIM rsa-sha256: fail: ") == 0);
  CHECK(tests::Run({"/usr/bin/python3", "-B", kScripts + "dkim_verify.py", "/nowhere", "/nowhere"}).exit_code == 2);
}

}  // namespace
}  // namespace sealpost::dkim
