#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/limits_replay.h"
#include "api/app/policy_file.h"
#include "api/app/registered_domains.h"
#include "api/app/replay_summary.h"
#include "api/app/trace_reader.h"
#include "mailer/base/json.h"

namespace sealpost::app {

namespace {

struct ReplayOptions {
  std::string trace, policy;
  std::string store = "memory";
  bool summary = false;
};

void PrintLines(const ratelimit::Trace& trace, const std::vector<ratelimit::Replayed>& answers) {
  for (std::size_t i = 0; i < trace.size(); ++i) {
    base::JsonWriter writer;
    writer.BeginObject().Key("line").Integer(static_cast<std::int64_t>(trace[i].line));
    writer.Key("decision").String(AnswerName(answers[i].answer)).Key("rule").String(answers[i].rule);
    writer.Key("retry_after").Integer(answers[i].retry_after.count()).EndObject();
    std::printf("%s\n", writer.Take().c_str());
  }
}

int Replay(const ReplayOptions& options) {
  auto file = ReadPolicy(options.policy);
  if (!file) return Complain(kUsage, file.error().message);
  base::Log log(base::LogLevel::kWarn);
  file->identity.registered_part = RegisteredPart("", log);
  const auto trace = ReadTrace(options.trace, file->policy);
  if (!trace) return Complain(kUsage, trace.error().message);
  const auto answers = RunReplay(options.store, *file, *trace);
  if (!answers) {
    const bool usage = answers.error().kind == base::ErrorKind::kInvalid;
    return Complain(usage ? kUsage : kCouldNotTell, answers.error().message);
  }
  if (options.summary) {
    std::printf("%s", SummarizeReplay(*file, *trace, *answers).c_str());
  } else {
    PrintLines(*trace, *answers);
  }
  return kOk;
}

void AddReplay(CLI::App& limits, int& exit_code) {
  CLI::App* replay = limits.add_subcommand("replay", "What a policy does to a trace of requests, in virtual time");
  auto options = std::make_shared<ReplayOptions>();
  replay->add_option("--trace", options->trace, "Requests, one JSON object a line")->required();
  replay->add_option("--policy", options->policy, "Policy as TOML (default: the shipped one)");
  replay->add_option("--store", options->store, "memory, redis://HOST:PORT/DB or redis+unix:///path")
      ->capture_default_str();
  replay->add_flag("--summary", options->summary, "A table for people instead of one JSON object a line");
  replay->callback([options, &exit_code] { exit_code = Replay(*options); });
}

}  // namespace

void AddLimits(CLI::App& app, int& exit_code) {
  CLI::App* limits = app.add_subcommand("limits", "The limits on what one mailbox may get");
  limits->require_subcommand(1);
  AddReplay(*limits, exit_code);
  AddLimitsExplain(*limits, exit_code);
}

}  // namespace sealpost::app
