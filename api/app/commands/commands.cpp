#include "api/app/commands/commands.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

#include "api/app/dns_tools.h"

namespace sealpost::app {

void AddCommands(CLI::App& app, int& exit_code) {
  AddDev(app, exit_code);
  AddServe(app, exit_code);
  AddConfig(app, exit_code);
  AddKeys(app, exit_code);
  AddDkim(app, exit_code);
  AddRender(app, exit_code);
  AddCheck(app, exit_code);
  AddSpf(app, exit_code);
  AddDmarc(app, exit_code);
  AddLimits(app, exit_code);
}

void AddServerOption(CLI::App& command, DnsOptions& options) {
  command
      .add_option("--server", options.servers,
                  "Name server to ask, HOST or HOST:PORT; repeatable (default: the system's)")
      ->allow_extra_args(false);
}

std::string UnknownCommand(const CLI::App& app) {
  std::string words;
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    words += command->get_name() + " ";
  }
  const auto rest = command->remaining();
  return command->get_require_subcommand_min() == 0 || rest.empty() ? std::string() : words + rest.front();
}

int Complain(int code, const std::string& message) {
  std::string safe = message;
  // File names and options are repeated in messages, and may hold what drives a terminal.
  std::ranges::replace_if(safe, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  std::fprintf(stderr, "sealpost: %s\n", safe.c_str());
  return code;
}

int Complain(const base::Error& error) {
  const bool world = error.kind == base::ErrorKind::kInternal;
  return Complain(world ? kCouldNotTell : kUsage, error.message);
}

}  // namespace sealpost::app
