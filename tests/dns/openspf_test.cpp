// The public suites for SPF (openspf.org) against CheckHost, over sockets. tests/dns/fetch_openspf brings them.
#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dns/cares_resolver.h"
#include "dns/spf_evaluator.h"
#include "tests/support/fake_dns_server.h"

using namespace sealpost;
using namespace std::chrono_literals;
using tests::Behaviour;

namespace {

struct Case {
  std::string name, helo, host, sender;
  std::vector<std::string> results;  // allowed ones, the preferred first
  std::optional<std::string> explanation;
};
struct Scenario {
  std::string name;
  YAML::Node zone;
  std::vector<Case> cases;
};

// In the suites "\xef" is a byte of the record, in YAML it is a code point: U+0080 to U+00FF came out as two bytes.
std::string RecordBytes(const YAML::Node& node) {
  const auto utf8 = node.as<std::string>();
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    if (lead < 0x80 || at + 1 == utf8.size()) {
      bytes += utf8[at];
    } else {
      bytes += static_cast<char>((lead & 0x03) << 6 | (static_cast<unsigned char>(utf8[++at]) & 0x3f));
    }
  }
  return bytes;
}

std::vector<std::string> Strings(const YAML::Node& node) {
  if (!node.IsSequence()) return {RecordBytes(node)};
  std::vector<std::string> strings;
  for (const YAML::Node& part : node) strings.push_back(RecordBytes(part));
  return strings;
}

Case ReadCase(const std::string& name, const YAML::Node& node) {
  Case read{name,
            RecordBytes(node["helo"]),
            RecordBytes(node["host"]),
            RecordBytes(node["mailfrom"]),
            Strings(node["result"]),
            {}};
  if (node["explanation"]) read.explanation = RecordBytes(node["explanation"]);
  if (read.explanation == "DEFAULT") read.explanation = "";
  return read;
}

std::vector<Scenario> LoadSuite(const std::string& file) {
  const std::string path = SEALPOST_SOURCE_DIR "/build/openspf/" + file;
  REQUIRE_MESSAGE(std::filesystem::exists(path), path, " is missing: run tests/dns/fetch_openspf, which fetches it");
  std::vector<Scenario> suite;
  for (const YAML::Node& document : YAML::LoadAllFromFile(path)) {
    Scenario scenario{document["description"].as<std::string>(), document["zonedata"], {}};
    for (const auto& test : document["tests"])
      scenario.cases.push_back(ReadCase(test.first.as<std::string>(), test.second));
    suite.push_back(std::move(scenario));
  }
  return suite;
}

void AddRecord(tests::FakeDnsZone& zone, const std::string& owner, const std::string& type, const YAML::Node& data) {
  if (type == "A") zone.AddA(owner, RecordBytes(data));
  if (type == "AAAA") zone.AddAaaa(owner, RecordBytes(data));
  if (type == "MX") zone.AddMx(owner, data[0].as<int>(), RecordBytes(data[1]));
  if (type == "PTR") zone.AddPtr(owner, RecordBytes(data));
  if (type == "CNAME") zone.AddCname(owner, RecordBytes(data));
  if (type == "SPF") zone.Add(owner, 99, tests::FakeDnsStrings(Strings(data)));
}

// Text of SPF records stands for TXT too, unless the name has TXT of its own; TXT "NONE" means none at all; TIMEOUT is
// for the types that the name has no data of.
tests::FakeDnsZone MakeZone(const YAML::Node& zonedata, Behaviour timeout) {
  tests::FakeDnsZone zone;
  for (const auto& entry : zonedata) {
    const std::string owner = RecordBytes(entry.first);
    std::vector<std::vector<std::string>> txt, spf;
    bool own_txt = false;
    for (const YAML::Node& item : entry.second) {
      if (item.IsScalar()) {
        REQUIRE(item.as<std::string>() == "TIMEOUT");
        zone.Behave(owner, std::nullopt, timeout);
        continue;
      }
      const std::string type = item.begin()->first.as<std::string>();
      const YAML::Node data = item.begin()->second;
      AddRecord(zone, owner, type, data);
      if (type == "SPF") spf.push_back(Strings(data));
      if (type != "TXT") continue;
      own_txt = true;
      if (Strings(data) != std::vector<std::string>{"NONE"}) txt.push_back(Strings(data));
    }
    for (const auto& strings : own_txt ? txt : spf) zone.AddTxt(owner, strings);
  }
  return zone;
}

struct Score {
  int results = 0;
  int explanations = 0;
};
// Cases in which another of the allowed results is right, and why.
struct Other {
  std::string result;
  std::string why;
};
using Others = std::map<std::string, Other>;

struct Conditions {
  Behaviour timeout = Behaviour::kServfailWithoutData;
  bool truncate = false;
};

Score Run(const std::vector<Scenario>& suite, const Conditions& conditions, const Others& others = {}) {
  tests::FakeDnsServer server;
  server.SetTruncateAll(conditions.truncate);
  dns::CaresOptions options;
  options.servers = {dns::ParseServer(server.address()).value()};
  options.first_try = 700ms;
  options.rounds = 1;
  options.per_question = 700ms;
  dns::CaresResolver resolver(options);
  Score score;
  for (const Scenario& scenario : suite) {
    server.Use(MakeZone(scenario.zone, conditions.timeout));
    for (const Case& test : scenario.cases) {
      INFO(scenario.name, ": ", test.name);
      const dns::SpfQuery query{dns::ParseIp(test.host).value(), test.sender, test.helo, "receiver.example"};
      const dns::SpfOutcome outcome = dns::CheckHost(resolver, query, {}, dns::kNoDeadline);
      INFO(outcome.problem);
      const auto other = others.find(test.name);
      const std::string want = other == others.end() ? test.results.front() : other->second.result;
      CHECK(std::ranges::find(test.results, want) != test.results.end());
      const std::string got(dns::SpfResultName(outcome.result));
      CHECK(got == want);
      score.results += got == want;
      if (!test.explanation) continue;
      CHECK(outcome.explanation == *test.explanation);
      score.explanations += outcome.explanation == *test.explanation;
    }
  }
  return score;
}

}  // namespace

TEST_CASE("openspf's RFC 7208 suite passes with the preferred results, SERVFAIL in place of silence") {
  const Score score = Run(LoadSuite("rfc7208-tests.yml"), {});
  CHECK(score.results == 203);
  CHECK(score.explanations == 22);
}

TEST_CASE("openspf's RFC 7208 suite passes with the preferred results where servers keep silent") {
  const Score score = Run(LoadSuite("rfc7208-tests.yml"), {.timeout = Behaviour::kSilentWithoutData});
  CHECK(score.results == 203);
  CHECK(score.explanations == 22);
}

TEST_CASE("openspf's RFC 7208 suite passes with the preferred results where every answer needs TCP") {
  const Score score = Run(LoadSuite("rfc7208-tests.yml"), {.truncate = true});
  CHECK(score.results == 203);
  CHECK(score.explanations == 22);
}

TEST_CASE("openspf's RFC 4408 suite passes but for what RFC 7208 decided otherwise") {
  const std::string no_type_99 = "7208 3.1: SPF records of type 99 are not asked for";
  const std::string no_name = "7208 4.8 leaves open what cannot be asked for; the newer suite prefers no match";
  const Others others = {
      {"spfonly", {"none", no_type_99}},
      {"txttimeout", {"temperror", no_type_99}},
      {"spfoverride", {"fail", no_type_99}},
      {"multitxt1", {"permerror", no_type_99}},
      {"multispf2", {"pass", no_type_99}},
      {"invalid-domain-empty-label", {"fail", no_name}},
      {"invalid-domain-long", {"fail", no_name}},
      {"invalid-domain-long-via-macro", {"fail", no_name}},
      {"exists-dnserr", {"temperror", "7208 5: a DNS error in any mechanism but ptr is a temperror"}},
      {"mx-limit", {"permerror", "7208 4.6.4: more than 10 MX names are an error, not cut off"}},
  };
  const Score score = Run(LoadSuite("rfc4408-tests.yml"), {}, others);
  CHECK(score.results == 191);
  CHECK(score.explanations == 22);
}
