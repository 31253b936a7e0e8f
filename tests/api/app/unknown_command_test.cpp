#include <doctest/doctest.h>

#include <CLI/CLI.hpp>

#include "api/app/commands/commands.h"

namespace {

std::string Unknown(const std::string& line) {
  CLI::App app("test", "sealpost");
  app.require_subcommand(1);
  int exit_code = 0;
  sealpost::app::AddCommands(app, exit_code);
  try {
    app.parse(line);
  } catch (const CLI::ParseError&) {
    return sealpost::app::UnknownCommand(app);
  }
  return "(accepted)";
}

}  // namespace

TEST_CASE("a word that is no command is named, with the commands before it") {
  CHECK(Unknown("nope") == "nope");
  CHECK(Unknown("nope --config x") == "nope");
  CHECK(Unknown("config nope") == "config nope");
  CHECK(Unknown("") == "");
  CHECK(Unknown("config") == "");
  CHECK(Unknown("serve nope") == "");
  CHECK(Unknown("config check f.toml more") == "");
}
