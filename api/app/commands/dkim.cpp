#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "mailer/dkim/key_files.h"
#include "mailer/model/address.h"

namespace sealpost::app {

namespace {

struct DkimOptions {
  std::string domain, selector, out, algorithm = "rsa";
};

// The record as a zone file has it: a string of a TXT record holds at most 255 bytes.
void PrintRecord(const dkim::Key& key) {
  const std::string record = key.DnsRecord();
  std::printf("%s. IN TXT (", key.DnsName().c_str());
  for (std::size_t at = 0; at < record.size(); at += 255) std::printf(" \"%s\"", record.substr(at, 255).c_str());
  std::printf(" )\n");
}

int Generate(const DkimOptions& options) {
  const auto domain = model::ToAsciiDomain(options.domain);
  if (!domain) return Complain(kUsage, "--domain: " + domain.error().message);
  if (options.algorithm != "rsa" && options.algorithm != "ed25519")
    return Complain(kUsage, "--algorithm is rsa or ed25519");
  const auto algorithm = options.algorithm == "rsa" ? dkim::Algorithm::kRsaSha256 : dkim::Algorithm::kEd25519Sha256;
  const auto key = dkim::MakeKeyFile(options.out, *domain, options.selector, algorithm);
  if (!key) return Complain(kUsage, key.error().message);
  std::printf("; private key in %s (mode 0600); publish this record, then declare the key in [[domains.domain]]:\n",
              options.out.c_str());
  PrintRecord(**key);
  return kOk;
}

int Show(const DkimOptions& options) {
  const auto domain = model::ToAsciiDomain(options.domain);
  if (!domain) return Complain(kUsage, "--domain: " + domain.error().message);
  const auto key = dkim::LoadKeyFile(options.out, *domain, options.selector);
  if (!key) return Complain(key.error());
  PrintRecord(**key);
  return kOk;
}

CLI::App* AddOne(CLI::App& dkim, const char* name, const char* help, const char* file_option,
                 const std::shared_ptr<DkimOptions>& options) {
  CLI::App* command = dkim.add_subcommand(name, help);
  command->add_option("--domain", options->domain, "Domain of the signature (d=)")->required();
  command->add_option("--selector", options->selector, "Selector (s=)")->required();
  command->add_option(file_option, options->out, "File of the private key")->required();
  return command;
}

}  // namespace

void AddDkim(CLI::App& app, int& exit_code) {
  CLI::App* dkim = app.add_subcommand("dkim", "DKIM keys");
  dkim->require_subcommand(1);
  auto options = std::make_shared<DkimOptions>();
  CLI::App* keygen = AddOne(*dkim, "keygen", "Make a private key and print the record to publish", "--out", options);
  keygen->add_option("--algorithm", options->algorithm, "rsa (2048 bits) or ed25519")->capture_default_str();
  keygen->callback([options, &exit_code] { exit_code = Generate(*options); });
  CLI::App* show = AddOne(*dkim, "show", "Print the record of an existing key", "--key", options);
  show->callback([options, &exit_code] { exit_code = Show(*options); });
  AddDkimVerify(*dkim, exit_code);
}

}  // namespace sealpost::app
