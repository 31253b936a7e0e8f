// A report as people, and monitoring systems, read it. Pure. (JSON is written where there is a JSON writer.)
#pragma once

#include <string>
#include <vector>

#include "dns/finding.h"

namespace sealpost::dns {

struct TextOptions {
  bool colour = false;
  bool all = false;         // passes and notes one by one, too; otherwise they are counted
  std::size_t width = 100;  // columns to wrap prose at; records are never wrapped
};

// Verdict line first, then what failed, what could not be told, warnings, notes; each with name, records, rule and fix.
// Text from the DNS is escaped: no control character reaches the terminal. Internationalized names are shown both ways.
std::string RenderText(const Report& report, const TextOptions& options);

// One line for monitoring: "SEALPOST OK - example.com can send at quarantine | fail=0 warn=0 unknown=0", and its exit
// code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (Monitoring Plugins guidelines).
struct NagiosLine {
  std::string line;
  int exit_code = 0;
};
NagiosLine RenderNagios(const Report& report);

// What changed from one look to the next, one line each: "DKIM-REVOKED fail (was pass): ..."; empty if nothing did.
std::vector<std::string> Changes(const Report& before, const Report& after);

}  // namespace sealpost::dns
