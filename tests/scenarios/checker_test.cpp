#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

// `sealpost dev --dns` with a mail sent from example.com, and the commands that ask its name server.
class Checker {
 public:
  Checker() : service_(StartDev(folder_, {"--dns", "127.0.0.1:0"})) {
    const std::string mark = " dns ";
    const std::size_t at = service_.ready_line().find(mark) + mark.size();
    server_ = service_.ready_line().substr(at, service_.ready_line().find(' ', at) - at);
    Send(service_, Message("ann@example.org"));
    raw_ = AwaitMail(service_, "ann@example.org")["raw"].Text();
  }

  tests::Outcome Run(std::vector<std::string> words, bool ask = true) const {
    words.insert(words.begin(), SEALPOST_BINARY);
    if (ask) words.insert(words.end(), {"--server", server_});
    return tests::Run(words, {.error_file = folder_.File("errors")});
  }
  tests::Outcome Sound(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"check",      Domain(),      "--selector",    "dev-rsa",
                                      "--selector", "dev-ed25519", "--ip",          "127.0.0.1",
                                      "--helo",     "localhost",   "--return-path", "bounce." + Domain()};
    words.insert(words.end(), more.begin(), more.end());
    return Run(std::move(words));
  }
  std::string Domain() const { return "acme.example"; }
  const TempFolder& folder() const { return folder_; }
  const std::string& raw() const { return raw_; }
  const std::string& server() const { return server_; }

 private:
  TempFolder folder_;
  Sealpost service_;
  std::string server_;
  std::string raw_;
};

}  // namespace

TEST_CASE("a sound domain can send, and the report says so in each form") {
  const Checker checker;
  const auto text = checker.Sound();
  CHECK(text.exit_code == 0);
  CHECK(text.output.starts_with("acme.example: YES"));
  const auto json = checker.Sound({"--json"});
  CHECK(json.exit_code == 0);
  const Json report = Json::Of(json.output);
  CHECK(report["schema"].Number() == 1);
  CHECK(report["verdict"].Text() == "yes");
  CHECK(report["domain"].Text() == "acme.example");
  CHECK(report["findings"].Size() > 60);
  for (const char* member : {"id", "verdict", "severity", "name", "records", "rule", "source", "ours", "fix"}) {
    CAPTURE(member);
    CHECK(report["findings"][0][member].Exists());
  }
  CHECK(checker.Sound({"--format", "nagios"}).output.starts_with("SEALPOST "));
}

TEST_CASE("a domain that lacks everything is bad, and what nobody can tell is neither good nor bad") {
  const Checker checker;
  const auto bad = checker.Run({"check", "nothing.example", "--selector", "s1", "--ip", "127.0.0.1"});
  CHECK(bad.exit_code == 1);
  CHECK(Holds(bad.output, "publish"));
  CHECK(checker.Run({"check", "acme.example", "--ip", "127.0.0.1"}).exit_code == 3);
  const auto silent = checker.Run({"check", "acme.example", "--server", "127.0.0.1:1", "--json"}, false);
  CHECK(silent.exit_code == 3);
  CHECK(Json::Of(silent.output)["verdict"].Text() == "unknown");
}

TEST_CASE("of several domains the worst decides, and each has its line") {
  const Checker checker;
  const auto several = checker.Run({"check", "acme.example", "nothing.example", "--summary", "--ip", "127.0.0.1"});
  CHECK(several.exit_code == 1);
  CHECK(Holds(several.output, "acme.example"));
  CHECK(Holds(several.output, "nothing.example"));
  const std::string list = checker.folder().Write("list", "# ours\nacme.example\r\n\nACME.example.  # again\n");
  CHECK(checker.Run({"check", "--file", list, "--summary"}).output.starts_with("acme.example"));
}

TEST_CASE("words that cannot be meant are a usage error that says so") {
  const Checker checker;
  const std::vector<std::vector<std::string>> wrong = {{"check", "no domain"},
                                                       {"check", "com"},
                                                       {"check"},
                                                       {"check", "acme.example", "--ip", "1.2.3"},
                                                       {"check", "acme.example", "--selector", ""},
                                                       {"check", "acme.example", "--selector", "a b"},
                                                       {"check", "acme.example", "--selector", "s1._domainkey"},
                                                       {"check", "acme.example", "--json", "--format", "nagios"},
                                                       {"check", "acme.example", "--summary", "--json"},
                                                       {"check", "--explain", "SPF-NOTHING"},
                                                       {"spf", "--ip", "x", "--sender", "", "--helo", "h.example"}};
  for (const auto& words : wrong) {
    CAPTURE(words.back());
    CHECK(checker.Run(words).exit_code == 2);
  }
  CHECK(checker.Run({"check", "--explain", "spf-lookups"}, false).exit_code == 0);
}

TEST_CASE("spf, dmarc and dkim verify answer from the same zone") {
  const Checker checker;
  const auto pass = checker.Run(
      {"spf", "--ip", "127.0.0.1", "--sender", "<a@acme.example>", "--helo", "localhost.example", "--json"});
  CHECK(pass.exit_code == 0);
  CHECK(Json::Of(pass.output)["result"].Text() == "pass");
  const auto fail = checker.Run({"spf", "--ip", "192.0.2.1", "--sender", "", "--helo", "acme.example", "--json"});
  CHECK(fail.exit_code == 1);
  CHECK(Json::Of(fail.output)["result"].Text() == "fail");
  const auto dmarc = checker.Run({"dmarc", "shop.acme.example", "--json"});
  CHECK(dmarc.exit_code == 0);
  CHECK(Json::Of(dmarc.output)["effective_policy"].Text() == "quarantine");
  CHECK(Json::Of(dmarc.output)["rfc9989"]["policy_domain"].Text() == "acme.example");

  const std::string sent = checker.folder().Write("sent.eml", checker.raw());
  CHECK(checker.Run({"dkim", "verify", sent}).exit_code == 0);
  std::string changed = checker.raw();
  changed.replace(changed.find("It works."), 9, "It broke.");
  const auto broken = checker.Run({"dkim", "verify", checker.folder().Write("changed.eml", changed)});
  CHECK(broken.exit_code == 1);
  CHECK(Holds(broken.output, "fail"));
}
