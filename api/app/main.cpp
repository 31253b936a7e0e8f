// The door: one binary, one file per command.
#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "api/app/commands/commands.h"
#include "mailer/net/smtp_connection.h"

int main(int argc, char** argv) {
  // A peer that goes away is an answer of the call that writes to it, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Sealpost: transactional email that you host yourself");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(sealpost::app::kVersion));
  int exit_code = 0;
  sealpost::app::AddCommands(app, exit_code);
  try {
    const auto network = sealpost::net::InitNetwork();
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::string unknown = sealpost::app::UnknownCommand(app);
    if (!unknown.empty()) {
      const std::string message = "there is no command \"" + unknown + "\"; sealpost --help lists them";
      return sealpost::app::Complain(sealpost::app::kUsage, message);
    }
    app.exit(error);
    return sealpost::app::kUsage;
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : sealpost::app::kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sealpost: %s\n", error.what());
    return sealpost::app::kCouldNotTell;
  }
  // A report that was not written must not pass for a good one. A reader that left has what it wanted.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && errno != EPIPE && exit_code == 0)
    return sealpost::app::Complain(sealpost::app::kCouldNotTell, "the output could not be written");
  return exit_code;
}
