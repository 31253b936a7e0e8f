#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/dns_tools.h"
#include "api/app/table.h"
#include "dns/dmarc_discovery.h"
#include "dns/name.h"
#include "mailer/base/json.h"

namespace sealpost::app {

namespace {

struct DmarcOptions {
  std::string domain;
  DnsOptions dns;
  bool json = false;
};

const dns::Policy& Weaker(const dns::DmarcDiscovery& found) {
  return found.tree.effective < found.suffix.effective ? found.tree.effective : found.suffix.effective;
}

bool Told(const dns::DmarcDiscovery& found) {
  return found.tree.told && found.suffix.told;
}

int ExitOf(const dns::DmarcDiscovery& found) {
  // What one reading settles against us, the other cannot mend.
  const auto bad = [](const dns::DmarcReading& reading) {
    return reading.told && reading.effective == dns::Policy::kNone;
  };
  if (bad(found.tree) || bad(found.suffix)) return kBad;
  return Told(found) ? kOk : kCouldNotTell;
}

void WriteReading(const dns::DmarcReading& reading, base::JsonWriter& writer) {
  writer.BeginObject().Key("told").Bool(reading.told);
  writer.Key("organizational_domain").String(reading.organizational_domain);
  writer.Key("policy_domain").StringOrNull(reading.policy_domain);
  writer.Key("record").StringOrNull(reading.record ? reading.record->text : "");
  writer.Key("tag").StringOrNull(reading.tag);
  writer.Key("policy").String(dns::PolicyName(reading.policy));
  writer.Key("effective_policy").String(dns::PolicyName(reading.effective)).EndObject();
}

void PrintJson(const dns::DmarcDiscovery& found) {
  base::JsonWriter writer;
  writer.BeginObject().Key("schema").Integer(1).Key("domain").String(found.domain).Key("exists").Bool(found.exists);
  writer.Key("effective_policy");
  writer.StringOrNull(ExitOf(found) == kCouldNotTell ? "" : dns::PolicyName(Weaker(found)));
  writer.Key("rfc9989");
  WriteReading(found.tree, writer);
  writer.Key("rfc7489");
  WriteReading(found.suffix, writer);
  writer.Key("trace").BeginArray();
  for (const dns::DmarcStep& step : found.steps) {
    writer.BeginObject().Key("name").String(step.name).Key("status").String(dns::StatusName(step.answer.status));
    writer.Key("records").BeginArray();
    for (const std::string& record : step.candidates) writer.String(record);
    writer.EndArray().Key("outcome").String(step.outcome).EndObject();
  }
  writer.EndArray().EndObject();
  std::printf("%s\n", writer.Take().c_str());
}

void PrintText(const dns::DmarcDiscovery& found) {
  const int code = ExitOf(found);
  std::printf("%s: %s\n\n", found.domain.c_str(),
              code == kCouldNotTell ? "could not tell" : std::string(dns::PolicyName(Weaker(found))).c_str());
  Table readings({"reading", "organizational domain", "record of", "tag", "policy", "effective"});
  const auto add = [&](const char* name, const dns::DmarcReading& reading) {
    const bool none = reading.governs == dns::Governs::kNothing;
    readings.Add({name, reading.organizational_domain, none ? "(none)" : reading.policy_domain, reading.tag,
                  none ? "" : std::string(dns::PolicyName(reading.policy)),
                  reading.told ? std::string(dns::PolicyName(reading.effective)) : "could not tell"});
  };
  add("RFC 9989, tree walk", found.tree);
  add("RFC 7489, public suffix list", found.suffix);
  std::printf("%s\n", readings.Text().c_str());
  Table steps({"asked", "answer", "records", "outcome"});
  for (const dns::DmarcStep& step : found.steps) {
    std::string records;
    for (const std::string& record : step.candidates) records += (records.empty() ? "" : " | ") + record;
    steps.Add({step.name, std::string(dns::StatusName(step.answer.status)), records, step.outcome});
  }
  std::printf("%s", steps.Text().c_str());
}

int Discover(const DmarcOptions& options) {
  const auto domain = dns::ToAscii(options.domain);
  if (!domain) return Complain(kUsage, domain.error());
  const auto tools = DnsTools::Open(options.dns);
  if (!tools) return Complain(tools.error());
  const auto found = dns::DiscoverDmarc((*tools)->resolver(), *domain, (*tools)->suffixes(), CheckDeadline());
  if (options.json) {
    PrintJson(found);
  } else {
    PrintText(found);
  }
  return ExitOf(found);
}

}  // namespace

void AddDmarc(CLI::App& app, int& exit_code) {
  CLI::App* dmarc =
      app.add_subcommand("dmarc", "Which DMARC policy governs a domain, by RFC 9989 and by RFC 7489, step by step");
  auto options = std::make_shared<DmarcOptions>();
  dmarc->add_option("domain", options->domain, "Domain of From")->required();
  AddServerOption(*dmarc, options->dns);
  dmarc->add_option("--suffix-list", options->dns.suffix_list, "Public suffix list file, newer than the system's");
  dmarc->add_flag("--json", options->json, "One JSON object");
  dmarc->callback([options, &exit_code] { exit_code = Discover(*options); });
}

}  // namespace sealpost::app
