#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/dns_tools.h"
#include "api/app/table.h"
#include "dns/ip.h"
#include "dns/name.h"
#include "dns/spf_evaluator.h"
#include "mailer/base/json.h"

namespace sealpost::app {

namespace {

struct SpfOptions {
  std::string ip, sender, helo;
  DnsOptions dns;
  bool json = false;
};

int ExitOf(dns::SpfResult result) {
  if (result == dns::SpfResult::kPass) return kOk;
  return result == dns::SpfResult::kTemperror ? kCouldNotTell : kBad;
}

void PrintJson(const dns::SpfOutcome& outcome) {
  base::JsonWriter writer;
  writer.BeginObject().Key("schema").Integer(1).Key("result").String(dns::SpfResultName(outcome.result));
  writer.Key("explanation").String(outcome.explanation).Key("domain").String(outcome.domain);
  writer.Key("record").String(outcome.record).Key("mechanism").String(outcome.mechanism);
  writer.Key("problem").String(outcome.problem).Key("lookups").Integer(outcome.lookups);
  writer.Key("void_lookups").Integer(outcome.void_lookups).Key("trace").BeginArray();
  for (const dns::SpfStep& step : outcome.trace) {
    writer.BeginObject().Key("depth").Integer(step.depth).Key("domain").String(step.domain);
    writer.Key("term").String(step.term).Key("name").String(step.expanded).Key("outcome").String(step.outcome);
    writer.Key("lookups").Integer(step.lookups).Key("void_lookups").Integer(step.void_lookups).EndObject();
  }
  writer.EndArray().EndObject();
  std::printf("%s\n", writer.Take().c_str());
}

void PrintText(const dns::SpfOutcome& outcome) {
  std::printf("%s", std::string(dns::SpfResultName(outcome.result)).c_str());
  if (!outcome.mechanism.empty()) std::printf("  by %s", Printable(outcome.mechanism).c_str());
  if (!outcome.problem.empty()) std::printf("  %s", Printable(outcome.problem).c_str());
  std::printf("\n");
  if (!outcome.explanation.empty()) std::printf("explanation: %s\n", Printable(outcome.explanation).c_str());
  Table table({"lookups", "void", "record of", "term", "asked", "outcome"});
  for (const dns::SpfStep& step : outcome.trace) {
    const std::string indent(static_cast<std::size_t>(step.depth) * 2, ' ');
    table.Add({std::to_string(step.lookups), std::to_string(step.void_lookups), indent + step.domain, step.term,
               step.expanded, step.outcome});
  }
  std::printf("\n%s", table.Text().c_str());
}

// As people paste it: in angle brackets, or with an internationalized domain.
std::string ReadSender(std::string sender) {
  if (sender.starts_with('<') && sender.ends_with('>')) sender = sender.substr(1, sender.size() - 2);
  const std::size_t domain = sender.rfind('@') + 1;
  const auto beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (domain == 0 || std::ranges::none_of(sender.substr(domain), beyond_ascii)) return sender;
  const auto ascii = dns::ToAscii(sender.substr(domain));
  return ascii ? sender.substr(0, domain) + *ascii : sender;
}

int Evaluate(const SpfOptions& options) {
  const auto ip = dns::ParseIp(options.ip);
  if (!ip) return Complain(kUsage, "--ip is an IPv4 or IPv6 address, such as 192.0.2.10");
  const auto tools = DnsTools::Open(options.dns);
  if (!tools) return Complain(tools.error());
  // check_host judges any domain it is handed, also one that cannot exist: nothing is refused here.
  const auto outcome =
      dns::CheckHost((*tools)->resolver(), {*ip, ReadSender(options.sender), options.helo, ""}, {}, CheckDeadline());
  if (options.json) {
    PrintJson(outcome);
  } else {
    PrintText(outcome);
  }
  return ExitOf(outcome.result);
}

}  // namespace

void AddSpf(CLI::App& app, int& exit_code) {
  CLI::App* spf = app.add_subcommand("spf", "Evaluate SPF as a receiver does (RFC 7208 check_host), with every step");
  auto options = std::make_shared<SpfOptions>();
  spf->add_option("--ip", options->ip, "Address that the mail comes from")->required();
  spf->add_option("--sender", options->sender, "MAIL FROM; \"\" is the null sender: postmaster@HELO")->required();
  spf->add_option("--helo", options->helo, "Name said in HELO or EHLO")->required();
  AddServerOption(*spf, options->dns);
  spf->add_flag("--json", options->json, "One JSON object: result, explanation, trace");
  spf->callback([options, &exit_code] { exit_code = Evaluate(*options); });
}

}  // namespace sealpost::app
