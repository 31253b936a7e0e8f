// Prints a trace of the evaluation set as `sealpost limits replay --trace` reads it.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/traces/scenarios.h"

using namespace sealpost;

namespace {

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void Member(std::string& line, const char* name, const std::string& value) {
  if (!value.empty()) line += std::string(", \"") + name + "\": " + Quoted(value);
}

void Flag(std::string& line, const char* name, bool value) {
  if (value) line += std::string(", \"") + name + "\": true";
}

std::string WordOf(ratelimit::Trust trust) {
  if (trust == ratelimit::Trust::kNone) return {};
  return trust == ratelimit::Trust::kCaptcha ? "captcha" : "device";
}

void Print(const ratelimit::TraceEntry& entry) {
  char time[32];
  std::snprintf(time, sizeof time, "%.3f", static_cast<double>(entry.at) / 1000);
  std::string line = std::string("{\"t\": ") + time + ", \"to\": " + Quoted(entry.local + "@" + entry.domain);
  Member(line, "category", std::string(CategoryName(entry.category)));
  Member(line, "client_ip", entry.client_ip);
  Member(line, "key", entry.key);
  Member(line, "template", entry.template_name);
  Member(line, "inviter", entry.inviter);
  Member(line, "workspace", entry.workspace);
  Member(line, "trust", WordOf(entry.trust));
  Member(line, "content", entry.content);
  Flag(line, "workspace_verified", entry.workspace_verified);
  Flag(line, "confirmed", entry.confirmed);
  Flag(line, "legitimate", entry.legitimate);
  std::printf("%s}\n", line.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const auto seed = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
  for (const tests::Scenario& scenario : tests::kScenarios) {
    if (scenario.name != name) continue;
    for (const ratelimit::TraceEntry& entry : scenario.make(seed)) Print(entry);
    return 0;
  }
  std::fprintf(stderr, "usage: tests/traces/make NAME [SEED] > FILE.jsonl\n\n");
  for (const tests::Scenario& scenario : tests::kScenarios) {
    std::fprintf(stderr, "  %-14.*s %.*s\n", static_cast<int>(scenario.name.size()), scenario.name.data(),
                 static_cast<int>(scenario.what.size()), scenario.what.data());
  }
  return 2;
}
