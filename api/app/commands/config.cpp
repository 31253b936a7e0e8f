#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/config.h"
#include "api/app/config_files.h"
#include "api/app/domain_book.h"

namespace sealpost::app {

namespace {

int Check(const std::string& path) {
  const auto config = LoadConfig(path);
  if (!config) return Complain(config.error());
  if (const auto good = CheckConfigFiles(path, *config); !good) return Complain(good.error());
  DomainBook book;
  if (const auto loaded = book.Replace(config->domains, config->sending.require_verified); !loaded)
    return Complain(loaded.error());
  std::printf("%s: good; %zu %s declared\n", path.c_str(), book.Size(), book.Size() == 1 ? "domain" : "domains");
  return kOk;
}

int PrintInForce(const std::string& path) {
  const auto config = LoadConfig(path);
  if (!config) return Complain(config.error());
  std::printf("%s", PrintConfig(*config).c_str());
  return kOk;
}

}  // namespace

void AddConfig(CLI::App& app, int& exit_code) {
  CLI::App* config = app.add_subcommand("config", "Check or print the configuration");
  config->require_subcommand(1);
  auto path = std::make_shared<std::string>();
  CLI::App* check = config->add_subcommand("check", "Check a configuration and the key files it names");
  check->add_option("file", *path, "Configuration file")->required();
  check->callback([path, &exit_code] { exit_code = Check(*path); });
  CLI::App* print = config->add_subcommand("print", "Print the configuration in force, environment included");
  print->add_option("file", *path, "Configuration file")->required();
  print->callback([path, &exit_code] { exit_code = PrintInForce(*path); });
}

}  // namespace sealpost::app
