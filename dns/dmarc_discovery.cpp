#include "dns/dmarc_discovery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dns/dmarc_walk.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

// Of the domain itself; nothing: could not tell.
using Existence = std::optional<bool>;

Existence ExistenceOf(Resolver& resolver, const std::string& domain, const std::vector<DmarcStep>& steps,
                      Deadline deadline) {
  // A name with a CNAME exists, whatever became of the chain.
  const auto exists = [](const Answer& answer) {
    return answer.status != Status::kNxDomain || !answer.aliases.empty();
  };
  const Answer answer = resolver.Ask({domain, Type::kMx}, deadline);
  if (answer.status == Status::kBadName) return false;
  if (answer.Told()) return exists(answer);
  // What stands below a name proves that it exists (RFC 8020 2).
  const bool proven = !steps.empty() && steps.front().answer.Told() && exists(steps.front().answer);
  return proven ? Existence(true) : std::nullopt;
}

Policy OneLevelLower(Policy policy) {
  return policy == Policy::kReject ? Policy::kQuarantine : Policy::kNone;
}

struct Chosen {
  std::string tag;
  Policy policy = Policy::kNone;
};

// `record.p` is there. `below`: the domain stands below the record's own.
Chosen Choose(const DmarcRecord& record, bool below, bool exists) {
  if (below && !exists && record.np) return {"np", *record.np};
  if (below && record.sp) return {"sp", *record.sp};
  return {"p", *record.p};
}

enum class Version { kRfc9989, kRfc7489 };

// RFC 9989 4.10.1, RFC 7489 6.6.3 step 6; the older one knows no np.
bool HasValidPolicies(const DmarcRecord& record, Version version) {
  const auto counts = [&](const std::string& bad) { return version == Version::kRfc9989 || !bad.starts_with("np="); };
  return record.p && std::none_of(record.bad_policies.begin(), record.bad_policies.end(), counts);
}

Policy Effective(const DmarcRecord& record, Policy policy, Version version) {
  const bool weaker = version == Version::kRfc9989 ? record.testing : record.percent < 100;
  return weaker ? OneLevelLower(policy) : policy;
}

void Apply(DmarcReading& reading, const DmarcStep& step, Governs governs, Version version, Existence exists) {
  const DmarcRecord& record = *step.record;
  const bool below = governs != Governs::kOwn;
  reading.policy_domain = step.domain;
  if (!HasValidPolicies(record, version)) {
    if (record.rua.empty()) return;  // no DMARC at all
    reading.governs = governs;
    reading.record = record;
    reading.tag = std::string("p");  // assigned without it, GCC 12 warns of an overlap at -O2
    return;
  }
  // RFC 7489 does not ask whether the domain exists.
  if (version == Version::kRfc7489) exists = true;
  const Chosen chosen = Choose(record, below, exists.value_or(true));
  if (!exists && Choose(record, below, false).policy != chosen.policy) {
    reading.told = false;
    return;
  }
  reading.governs = governs;
  reading.record = record;
  reading.tag = chosen.tag;
  reading.policy = chosen.policy;
  reading.effective = Effective(record, chosen.policy, version);
}

DmarcReading ReadTree(const std::vector<DmarcStep>& steps, Existence exists) {
  const Organization organization = SelectOrganization(steps);
  DmarcReading reading;
  reading.organizational_domain = organization.domain;
  reading.organization_told = organization.told;
  if (steps.empty()) return reading;
  const DmarcStep& own = steps.front();
  // Its own record governs whatever stands above, so failures there matter no more.
  if (own.record) {
    Apply(reading, own, Governs::kOwn, Version::kRfc9989, exists);
    return reading;
  }
  reading.told = organization.told;
  if (!reading.told) return reading;
  if (organization.record)
    Apply(reading, steps[*organization.record], Governs::kOrganization, Version::kRfc9989, exists);
  else if (organization.suffix)
    Apply(reading, steps[*organization.suffix], Governs::kSuffix, Version::kRfc9989, exists);
  return reading;
}

// The step at `domain`; asks and appends it if the walk did not come by.
const DmarcStep& StepAt(const std::string& domain, Resolver& resolver, std::vector<DmarcStep>& steps,
                        Deadline deadline) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const DmarcStep& step) { return step.domain == domain; });
  if (found != steps.end()) return *found;
  return steps.emplace_back(AskForDmarc(resolver, domain, deadline));
}

DmarcReading ReadSuffix(const std::string& domain, std::string organizational_domain, Resolver& resolver,
                        std::vector<DmarcStep>& steps, Deadline deadline) {
  DmarcReading reading;
  reading.organizational_domain = std::move(organizational_domain);
  if (steps.empty()) return reading;
  const bool own = !steps.front().candidates.empty() || !IsTold(steps.front());
  // Several records at the domain itself end the discovery (RFC 7489 6.6.3 step 5): the organizational domain is asked
  // only if there is none, which is not so in RFC 9989.
  const std::string& place = own ? domain : reading.organizational_domain;
  const DmarcStep& step = StepAt(place, resolver, steps, deadline);
  reading.told = IsTold(step);
  if (step.record) Apply(reading, step, own ? Governs::kOwn : Governs::kOrganization, Version::kRfc7489, true);
  return reading;
}

void PrefetchAll(Resolver& resolver, const std::string& domain, const std::string& organizational_domain) {
  std::vector<Question> questions = {{domain, Type::kMx}};
  bool seen = false;
  for (const std::string& name : WalkDomains(domain)) {
    questions.push_back(DmarcQuestion(name));
    seen = seen || name == organizational_domain;
  }
  if (!seen) questions.push_back(DmarcQuestion(organizational_domain));
  resolver.Prefetch(questions);
}

}  // namespace

DmarcDiscovery DiscoverDmarc(Resolver& resolver, const std::string& domain, const PublicSuffixList& suffixes,
                             Deadline deadline) {
  DmarcDiscovery discovery;
  discovery.domain = Lower(domain);
  const std::string organizational_domain = suffixes.OrganizationalDomain(discovery.domain);
  PrefetchAll(resolver, discovery.domain, organizational_domain);
  discovery.steps = WalkTree(resolver, discovery.domain, deadline);
  const Existence exists = ExistenceOf(resolver, discovery.domain, discovery.steps, deadline);
  discovery.exists = exists.value_or(true);
  discovery.tree = ReadTree(discovery.steps, exists);
  discovery.suffix = ReadSuffix(discovery.domain, organizational_domain, resolver, discovery.steps, deadline);
  return discovery;
}

OrganizationalDomains FindOrganizationalDomains(Resolver& resolver, const std::string& domain,
                                                const PublicSuffixList& suffixes, Deadline deadline) {
  const std::string lower = Lower(domain);
  std::vector<Question> questions;
  for (const std::string& name : WalkDomains(lower)) questions.push_back(DmarcQuestion(name));
  resolver.Prefetch(questions);
  Organization organization = SelectOrganization(WalkTree(resolver, lower, deadline));
  return {std::move(organization.domain), suffixes.OrganizationalDomain(lower), organization.told};
}

}  // namespace sealpost::dns
