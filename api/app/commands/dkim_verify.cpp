#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/dns_tools.h"
#include "api/app/table.h"
#include "dns/dkim_record.h"
#include "dns/name.h"
#include "dns/tag_list.h"
#include "mailer/base/files.h"
#include "mailer/base/json.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::app {

namespace {

constexpr std::size_t kMessageBytesAtMost = 64u << 20;

struct VerifyOptions {
  std::string file;
  DnsOptions dns;
  bool json = false;
};

// What is wrong with key records, by name: libopendkim reads some that RFC 6376 tells verifiers to pass over.
using KeyFaults = std::map<std::string, std::string>;

void Judge(const std::string& name, const std::string& text, KeyFaults& faults) {
  const auto record = dns::ParseDkimRecord(text);
  if (!record) {
    faults[name] = record.error().message;
  } else if (record->revoked) {
    return;  // libopendkim says so itself
  } else if (const auto key = record->Key(); !key) {
    faults[name] = key.error();
  }
}

dkim::KeyLookup LookupIn(dns::Resolver& resolver, dns::Deadline deadline, KeyFaults& faults) {
  return [&resolver, deadline, &faults](std::string_view name) -> base::Result<std::optional<std::string>> {
    const auto answer = resolver.Ask({std::string(name), dns::Type::kTxt}, deadline);
    if (answer.Void()) return std::nullopt;
    if (!answer.Told()) return base::Fail(base::ErrorKind::kUnavailable, std::string(dns::StatusName(answer.status)));
    // RFC 6376 3.6.2.2: what several records mean is undefined; the first is as good as any, and `sealpost check` says
    // so.
    std::string text = std::get<dns::Txt>(answer.records.front().data).Joined();
    Judge(dns::Lower(name), text, faults);
    return text;
  };
}

void ApplyFaults(const KeyFaults& faults, std::vector<dkim::SignatureResult>& results) {
  for (dkim::SignatureResult& result : results) {
    const auto fault = faults.find(dns::Lower(result.selector + "._domainkey." + result.domain));
    if (fault == faults.end() || result.result != "pass") continue;
    result.result = "permerror";
    result.detail = "key record: " + fault->second;
  }
}

// The tags of the DKIM-Signature fields, in the order of the header, as the results are.
std::vector<dns::TagList> SignatureTags(const std::string& message) {
  std::vector<dns::TagList> tags;
  const std::string header = message.substr(0, message.find("\r\n\r\n"));
  constexpr std::string_view kName = "dkim-signature:";
  for (std::size_t at = 0; at < header.size();) {
    std::size_t end = header.find("\r\n", at);
    while (end < header.size() && end + 2 < header.size() && (header[end + 2] == ' ' || header[end + 2] == '\t'))
      end = header.find("\r\n", end + 2);
    end = std::min(end, header.size());
    if (dns::Lower(header.substr(at, kName.size())) == kName) {
      auto read = dns::ParseTagList(header.substr(at + kName.size(), end - at - kName.size()));
      tags.push_back(read ? std::move(*read) : dns::TagList({}));
    }
    at = end + 2;
  }
  return tags;
}

// RFC 6376 8.2: what stands behind the signed part is anybody's.
void NoteBodyLength(const std::string& message, std::vector<dkim::SignatureResult>& results) {
  const auto tags = SignatureTags(message);
  if (tags.size() != results.size()) return;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (const auto algorithm = tags[i].Value("a")) results[i].algorithm = *algorithm;
    const auto length = tags[i].Value("l");
    if (length && results[i].result == "pass")
      results[i].detail = "l=" + *length + ": only that many bytes of the body are signed";
  }
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

void PrintResults(const std::vector<dkim::SignatureResult>& results, bool json) {
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

int Verify(const VerifyOptions& options) {
  const auto text = base::ReadFile(options.file, kMessageBytesAtMost);
  if (!text) return Complain(kUsage, text.error().message);
  const auto tools = DnsTools::Open(options.dns);
  if (!tools) return Complain(tools.error());
  const std::string message = WithCrlf(*text);
  KeyFaults faults;
  auto results = dkim::Verify(message, LookupIn((*tools)->resolver(), CheckDeadline(), faults));
  if (!results) return Complain(kBad, options.file + ": " + results.error().message);
  ApplyFaults(faults, *results);
  NoteBodyLength(message, *results);
  PrintResults(*results, options.json);
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
  auto options = std::make_shared<VerifyOptions>();
  verify->add_option("file", options->file, "The message (.eml)")->required();
  AddServerOption(*verify, options->dns);
  verify->add_flag("--json", options->json, "One JSON object");
  verify->callback([options, &exit_code] { exit_code = Verify(*options); });
}

}  // namespace sealpost::app
