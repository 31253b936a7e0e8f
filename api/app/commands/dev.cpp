#include <CLI/CLI.hpp>

#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/development.h"

namespace sealpost::app {

void AddDev(CLI::App& app, int& exit_code) {
  CLI::App* dev = app.add_subcommand("dev", "Everything on loopback, with a mail catcher: the API key is sp_dev");
  auto options = std::make_shared<DevelopmentOptions>();
  dev->add_option("--listen", options->listen, "HTTP address; port 0 takes a free one")->capture_default_str();
  dev->add_option("--catcher", options->catcher, "SMTP address of the catcher; port 0 takes a free one")
      ->capture_default_str();
  dev->add_option("--dns", options->dns, "Also a name server for the zone at this address; port 0 takes a free one");
  dev->add_option("--data", options->data, "Folder for everything that is kept");
  dev->add_option("--limits", options->limits, "memory, redis://HOST:PORT/DB or redis+unix:///path")
      ->capture_default_str();
  dev->add_option("--relay", options->relay, "smtp://HOST:PORT: deliver there instead of to the catcher");
  dev->add_flag("--verbose", options->verbose, "Log every request and attempt on stderr");
  dev->callback([options, &exit_code] {
    if (const auto done = RunDevelopment(*options); !done) exit_code = Complain(done.error());
  });
}

}  // namespace sealpost::app
