#include "dns/mta_sts.h"
#include "dns/name.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

void CheckPattern(const std::string& pattern) {
  const bool wildcard = pattern.starts_with("*.");
  const std::string name = wildcard ? pattern.substr(2) : pattern;
  Expect(IsHostname(name), "a pattern is a host name or stands above some");
  Expect(Lower(pattern) == pattern, "a pattern is in lower case");
  Expect(StsMatches(pattern, name) == !wildcard, "a wildcard does not match its own domain, a name itself");
  Expect(StsMatches(pattern, "mx." + name) == wildcard, "a wildcard matches one label");
  Expect(!StsMatches(pattern, "a.mx." + name), "a wildcard matches no two labels");
}

}  // namespace

void Sts(std::string_view bytes) {
  const auto id = ParseStsRecord(bytes);
  if (id) {
    Expect(IsStsRecord(bytes), "only a candidate can be read");
    Expect(!id->empty() && id->size() <= 32, "an id has 1 to 32 characters");
    ExpectShowable(*id, "an id");
  } else {
    ExpectShowable(id.error(), "the fault of a record");
  }
  const auto policy = ParseStsPolicy(bytes);
  if (!policy) return ExpectShowable(policy.error(), "the fault of a policy");
  Expect(policy->max_age <= 31557600, "a policy holds for a year at most");
  Expect(!policy->mx.empty() || policy->mode == StsMode::kNone, "only mode none does without mx");
  for (const std::string& pattern : policy->mx) CheckPattern(pattern);
  for (const std::string& field : policy->unknown_fields) ExpectShowable(field, "an unknown field");
}

}  // namespace sealpost::tests::fuzz
