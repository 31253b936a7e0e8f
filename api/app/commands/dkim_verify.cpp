#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/dns_tools.h"
#include "api/app/table.h"
#include "mailer/base/files.h"
#include "mailer/base/json.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::app {

namespace {

constexpr std::size_t kMessageBytesAtMost = 64u << 20;

struct Options {
  std::string file;
  DnsOptions dns;
  bool json = false;
};

dkim::KeyLookup LookupIn(dns::Resolver& resolver, dns::Deadline deadline) {
  return [&resolver, deadline](std::string_view name) -> base::Result<std::optional<std::string>> {
    const auto answer = resolver.Ask({std::string(name), dns::Type::kTxt}, deadline);
    if (answer.Void()) return std::nullopt;
    if (!answer.Told()) return base::Fail(base::ErrorKind::kUnavailable, std::string(dns::StatusName(answer.status)));
    // RFC 6376 3.6.2.2: what several records mean is undefined; the first is as good as any, and `sealpost check` says
    // so.
    return std::get<dns::Txt>(answer.records.front().data).Joined();
  };
}

// Files on disk often have bare LF where the wire had CRLF, and signatures are over the latter.
std::string WithCrlf(const std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

void Print(const std::vector<dkim::SignatureResult>& results, bool json) {
  if (json) {
    base::JsonWriter writer;
    writer.BeginObject().Key("schema").Integer(1).Key("signatures").BeginArray();
    for (const auto& result : results) {
      writer.BeginObject().Key("result").String(result.result).Key("domain").String(result.domain);
      writer.Key("selector").String(result.selector).Key("algorithm").String(result.algorithm);
      writer.Key("detail").String(result.detail).EndObject();
    }
    writer.EndArray().EndObject();
    std::printf("%s\n", writer.Take().c_str());
    return;
  }
  if (results.empty()) {
    std::printf("none: the message carries no DKIM signature\n");
    return;
  }
  Table table({"result", "d=", "s=", "a=", "detail"});
  for (const auto& result : results)
    table.Add({result.result, result.domain, result.selector, result.algorithm, result.detail});
  std::printf("%s", table.Text().c_str());
}

int Verify(const Options& options) {
  const auto text = base::ReadFile(options.file, kMessageBytesAtMost);
  if (!text) return Complain(kUsage, text.error().message);
  const auto tools = DnsTools::Open(options.dns);
  if (!tools) return Complain(tools.error());
  const auto results = dkim::Verify(WithCrlf(*text), LookupIn((*tools)->resolver(), CheckDeadline()));
  if (!results) return Complain(kBad, options.file + ": " + results.error().message);
  Print(*results, options.json);
  bool temporary = false;
  for (const auto& result : *results) {
    if (result.result == "pass") return kOk;  // one that verifies is enough (RFC 6376 6.1)
    temporary = temporary || result.result == "temperror";
  }
  return temporary ? kCouldNotTell : kBad;
}

}  // namespace

void AddDkimVerify(CLI::App& dkim, int& exit_code) {
  CLI::App* verify = dkim.add_subcommand("verify", "Verify the signatures of a message against the DNS");
  auto options = std::make_shared<Options>();
  verify->add_option("file", options->file, "The message (.eml)")->required();
  AddServerOption(*verify, options->dns);
  verify->add_flag("--json", options->json, "One JSON object");
  verify->callback([options, &exit_code] { exit_code = Verify(*options); });
}

}  // namespace sealpost::app
