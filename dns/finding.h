// What the checks found, and what follows from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

enum class Verdict { kPass, kInfo, kWarn, kUnknown, kFail };
std::string_view VerdictName(Verdict verdict);  // "pass", "info", "warn", "unknown", "fail"

// What it means if the check does not hold. Only kError decides whether the domain can send.
enum class Severity { kError, kWarning, kInfo };
std::string_view SeverityName(Severity severity);  // "error", "warning", "info"

struct Fix {          // the exact record to publish
  std::string name;   // owner, without trailing dot
  std::string type;   // "TXT"
  std::string value;  // joined text of a TXT without quotes, presentation form of others
};

struct Finding {
  std::string id;  // of the catalog (checks/catalog.h), "SPF-NONE"
  Verdict verdict = Verdict::kPass;
  Severity severity = Severity::kError;
  std::string name;                  // the name asked
  std::vector<std::string> records;  // what stands there, presentation form
  std::string detail;                // what was seen and what is wrong with it, one or two sentences
  std::string rule;                  // the rule in one sentence, from the catalog
  std::string source;                // "RFC 7208 4.5", "Gmail sender guidelines", "Sealpost"
  bool ours = false;                 // our own bar, above what the standards or receivers ask
  std::optional<Fix> fix;
  std::string remedy;  // what to do where no record of the domain mends it; may stand beside a fix
};

enum class Outcome { kYes, kNo, kUnknown };  // can this domain send at quarantine?
std::string_view OutcomeName(Outcome outcome);

struct Report {
  std::string domain;  // A-labels
  Outcome outcome = Outcome::kUnknown;
  std::string reason;             // one line: why
  std::vector<Finding> findings;  // in the order of the catalog
};

// kNo if a finding of severity kError failed; else kUnknown if one is unknown; else kYes. Fills outcome and reason.
void Conclude(Report& report);

}  // namespace sealpost::dns
