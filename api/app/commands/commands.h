// The command line: what the commands share, and the list of them.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace CLI {
class App;
}

namespace sealpost::app {

struct DnsOptions;

inline constexpr std::string_view kVersion = "0.1.0";

// Exit codes of every command.
inline constexpr int kOk = 0;
inline constexpr int kBad = 1;           // the thing asked about is bad
inline constexpr int kUsage = 2;         // usage or configuration
inline constexpr int kCouldNotTell = 3;  // the world failed

// Each adds its command; running it sets `exit_code`.
void AddCommands(CLI::App& app, int& exit_code);
void AddDev(CLI::App& app, int& exit_code);
void AddServe(CLI::App& app, int& exit_code);
void AddConfig(CLI::App& app, int& exit_code);
void AddKeys(CLI::App& app, int& exit_code);
void AddDkim(CLI::App& app, int& exit_code);
void AddRender(CLI::App& app, int& exit_code);
void AddCheck(CLI::App& app, int& exit_code);
void AddSpf(CLI::App& app, int& exit_code);
void AddDmarc(CLI::App& app, int& exit_code);
void AddLimits(CLI::App& app, int& exit_code);
void AddLimitsExplain(CLI::App& limits, int& exit_code);  // below "limits"
void AddDkimVerify(CLI::App& dkim, int& exit_code);       // below "dkim"

// --server HOST:PORT, repeatable: whom the DNS commands ask.
void AddServerOption(CLI::App& command, DnsOptions& options);

// After a parse that failed: the first word that stands where a command is due and is none, "config nope" with the
// commands before it; empty if something else is wrong.
std::string UnknownCommand(const CLI::App& app);

// "sealpost: MESSAGE" on stderr; the exit code that belongs to the error.
int Complain(const base::Error& error);
int Complain(int code, const std::string& message);

}  // namespace sealpost::app
