#include <CLI/CLI.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "api/app/check_input.h"
#include "api/app/check_run.h"
#include "api/app/commands/commands.h"
#include "api/app/signals.h"
#include "api/app/table.h"
#include "dns/checks/catalog.h"
#include "dns/name.h"
#include "dns/report.h"
#include "mailer/base/clock.h"
#include "mailer/domains/report_json.h"

namespace sealpost::app {

namespace {

struct CheckOptions {
  CheckWords words;
  DnsOptions dns;
  std::string format = "text", explain;
  bool json = false, all = false, summary = false, watch = false;
  unsigned interval = 300;  // seconds
  unsigned jobs = 64;
};

bool Colour() {
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

int ExplainCheck(const std::string& id) {
  const dns::CheckInfo* check = dns::FindCheck(id);
  if (check == nullptr) {
    return Complain(kUsage, "there is no check \"" + Printable(id) + "\"; did you mean " +
                                std::string(dns::NearestCheck(id)) + "? All are in dns/docs/checks.md");
  }
  const auto line = [](const char* label, std::string_view text) {
    std::printf("%-9s %.*s\n", label, static_cast<int>(text.size()), text.data());
  };
  line("check", check->id);
  line("severity", dns::SeverityName(check->severity));
  line("rule", check->rule);
  line("source", check->source);
  if (check->ours) line("", "(our own bar, above what standards and receivers ask)");
  std::printf("\n%s\n\n", Wrap(check->explanation, 100).c_str());
  std::printf("To mend it: %s\n", Wrap(check->remedy, 100).c_str());
  return kOk;
}

// One line a domain, for lists of them.
void PrintSummary(const dns::Report& report, std::size_t width) {
  std::size_t counts[5] = {};
  for (const dns::Finding& finding : report.findings) ++counts[static_cast<std::size_t>(finding.verdict)];
  std::printf("%-*s  %-7s  %2zu fail  %2zu unknown  %2zu warn  %s\n", static_cast<int>(width), report.domain.c_str(),
              std::string(dns::OutcomeName(report.outcome)).c_str(),
              counts[static_cast<std::size_t>(dns::Verdict::kFail)],
              counts[static_cast<std::size_t>(dns::Verdict::kUnknown)],
              counts[static_cast<std::size_t>(dns::Verdict::kWarn)], Printable(report.reason).c_str());
}

// What one round over all domains prints and leaves behind.
class Round {
 public:
  Round(const CheckOptions& options, const std::vector<dns::Sender>& senders)
      : options_(options), total_(senders.size()) {
    for (const dns::Sender& sender : senders) width_ = std::max(width_, sender.domain.size());
    progress_ = total_ > 1 && isatty(STDERR_FILENO) == 1;
  }

  void Done(const dns::Report& report) {
    ++done_;
    bad_ += report.outcome == dns::Outcome::kNo ? 1 : 0;
    if (progress_) std::fprintf(stderr, "\r%zu of %zu domains, %zu bad\033[K", done_, total_, bad_);
  }
  void Show(const dns::Report& report) {
    outcomes_.push_back(report.outcome);
    if (progress_) std::fprintf(stderr, "\r\033[K");
    if (options_.format == "json") {
      std::printf("%s\n", domains::ReportJson(report).c_str());
    } else if (options_.format == "nagios") {
      const auto line = dns::RenderNagios(report);
      std::printf("%s\n", line.line.c_str());
      nagios_ = WorseNagios(nagios_, line.exit_code);
    } else if (options_.summary) {
      PrintSummary(report, width_);
    } else {
      std::printf("%s%s", outcomes_.size() == 1 ? "" : "\n", dns::RenderText(report, {Colour(), options_.all}).c_str());
    }
    std::fflush(stdout);
  }
  int ExitCode() const { return options_.format == "nagios" ? nagios_ : ExitOf(outcomes_); }

 private:
  // By the plugins' guidelines CRITICAL is worse than UNKNOWN, and that than WARNING.
  static int WorseNagios(int a, int b) {
    constexpr int kRank[] = {0, 1, 3, 2};
    return kRank[a] >= kRank[b] ? a : b;
  }

  const CheckOptions& options_;
  std::size_t total_ = 0, done_ = 0, bad_ = 0, width_ = 0;
  bool progress_ = false;
  std::vector<dns::Outcome> outcomes_;
  int nagios_ = 0;
};

void PrintChanges(const dns::Report& before, const dns::Report& after) {
  const std::string at = base::ToRfc3339(base::SystemClock().Now());
  if (before.outcome != after.outcome) {
    std::printf("%s  %s  %s (was %s): %s\n", at.c_str(), after.domain.c_str(),
                std::string(dns::OutcomeName(after.outcome)).c_str(),
                std::string(dns::OutcomeName(before.outcome)).c_str(), Printable(after.reason).c_str());
  }
  for (const std::string& change : dns::Changes(before, after))
    std::printf("%s  %s  %s\n", at.c_str(), after.domain.c_str(), change.c_str());
  std::fflush(stdout);
}

// Nobody reads any more, which a program that prints only changes would not notice by itself.
bool OutputGone() {
  pollfd output{STDOUT_FILENO, 0, 0};
  return std::ferror(stdout) != 0 || (poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLNVAL)) != 0);
}

// The first round in full, then only what differs, until SIGINT or SIGTERM.
int Watch(const CheckOptions& options, const std::vector<dns::Sender>& senders, DnsTools& tools) {
  std::map<std::string, dns::Report> last;
  int code = kOk;
  for (bool first = true;; first = false) {
    Round round(options, senders);
    std::vector<dns::Outcome> outcomes;
    CheckAll(
        senders, tools, options.jobs,
        [&](const dns::Report& report) {
          outcomes.push_back(report.outcome);
          if (first) {
            round.Show(report);
          } else {
            PrintChanges(last.at(report.domain), report);
          }
          last.insert_or_assign(report.domain, report);
        },
        [&](const dns::Report& report) {
          if (first) round.Done(report);
        });
    code = ExitOf(outcomes);
    if (OutputGone() || StopWithin(std::chrono::seconds(options.interval))) return code;
    tools.Forget();
  }
}

int Run(CheckOptions options) {
  if (!options.explain.empty()) {
    if (options.json || options.format != "text")
      return Complain(kUsage, "--explain prints text; drop --format and --json");
    return ExplainCheck(options.explain);
  }
  if (options.json && options.format == "nagios") return Complain(kUsage, "give --json or --format nagios, not both");
  if (options.json) options.format = "json";
  if (options.format != "text" && (options.watch || options.summary || options.all))
    return Complain(kUsage, "--watch, --summary and --all are of the text; drop --format and --json");
  const auto senders = ReadSenders(options.words, options.dns);
  if (!senders) return Complain(kUsage, senders.error().message);
  const auto tools = DnsTools::Open(options.dns);
  if (!tools) return Complain(tools.error());
  if (options.watch) return Watch(options, *senders, **tools);
  Round round(options, *senders);
  CheckAll(
      *senders, **tools, options.jobs, [&](const dns::Report& report) { round.Show(report); },
      [&](const dns::Report& report) { round.Done(report); });
  return round.ExitCode();
}

void AddWords(CLI::App& check, CheckWords& words) {
  check.add_option("domain", words.domains, "Domains of From");
  check.add_option("--file", words.file, "More domains, one a line");
  const auto several = [&](const char* name, std::vector<std::string>& values, const char* help) {
    check.add_option(name, values, help)->allow_extra_args(false);
  };
  several("--selector", words.selectors,
          "DKIM selector the domain signs with, or s1._domainkey.example.net if d= is another domain; repeatable");
  several("--dkim-key", words.key_files,
          "Key we sign with (PEM, private or public): one selector has to publish it; repeatable");
  several("--ip", words.addresses, "Address that mail leaves from; repeatable");
  several("--helo", words.helo_names, "Name said in EHLO; repeatable");
  check.add_option("--return-path", words.return_path, "Domain of the envelope sender (default: the domain itself)");
  check.add_option("--config", words.config, "Take keys, addresses, names and servers from this configuration");
  check.add_flag("--authoritative", words.authoritative, "Compare the authoritative servers one by one as well");
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  CLI::App* check = app.add_subcommand(
      "check", "Will mail from a domain authenticate at receivers, at quarantine? What to publish if not");
  auto options = std::make_shared<CheckOptions>();
  AddWords(*check, options->words);
  AddServerOption(*check, options->dns);
  check->add_option("--suffix-list", options->dns.suffix_list, "Public suffix list file, newer than the system's");
  check->add_option("--ca", options->dns.ca_file, "Certificates to trust for MTA-STS policies (default: the system's)");
  check->add_option("--https-connect", options->dns.https_connect, "Fetch MTA-STS policies from HOST:PORT, for trials");
  check->add_flag("--json", options->json, "One JSON object a line, one line a domain");
  check->add_option("--format", options->format, "text, json or nagios")
      ->check(CLI::IsMember({"text", "json", "nagios"}))
      ->capture_default_str();
  check->add_flag("--all", options->all, "Show passes and notes one by one, too");
  check->add_flag("--summary", options->summary, "One line a domain");
  check->add_flag("--watch", options->watch, "Look again and again, and print what changed");
  check->add_option("--interval", options->interval, "Seconds between two looks of --watch")
      ->check(CLI::Range(1u, 86'400u))
      ->capture_default_str();
  check->add_option("--jobs", options->jobs, "Domains looked at side by side")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  check->add_option("--explain", options->explain, "What a check means, such as SPF-LOOKUPS");
  check->callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace sealpost::app
