#include "dns/dmarc_walk.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMaxAbove = 7;  // with the domain itself the eight queries of RFC 9989 4.10

std::string OutcomeOf(const DmarcStep& step) {
  if (!IsTold(step)) return "could not tell: " + std::string(StatusName(step.answer.status));
  if (step.candidates.size() > 1) return std::to_string(step.candidates.size()) + " records: all discarded";
  if (step.error) return "discarded, " + ToString(*step.error);
  if (!step.record) return step.answer.records.empty() ? "none" : "none, but other TXT records";
  if (step.record->psd == 'u') return "record";
  return std::string("record, psd=") + step.record->psd + ": stop";
}

// `start` cut to `count` labels.
std::string LastLabels(std::string_view start, std::size_t count) {
  for (std::size_t labels = Labels(start).size(); labels > count; --labels) start = Parent(start);
  return std::string(start);
}

}  // namespace

std::vector<std::string> WalkDomains(const std::string& domain) {
  if (domain.empty()) return {};
  std::vector<std::string> domains = {domain};
  const std::string above = LastLabels(Parent(domain), kMaxAbove);
  for (std::string_view rest = above; !rest.empty(); rest = Parent(rest)) domains.emplace_back(rest);
  return domains;
}

Question DmarcQuestion(const std::string& domain) {
  return {"_dmarc." + domain, Type::kTxt};
}

DmarcStep AskForDmarc(Resolver& resolver, const std::string& domain, Deadline deadline) {
  const Question question = DmarcQuestion(domain);
  DmarcStep step{question.name, domain, resolver.Ask(question, deadline), {}, {}, {}, {}};
  for (const Record& record : step.answer.records) {
    const Txt* txt = std::get_if<Txt>(&record.data);
    std::string text = txt ? txt->Joined() : std::string();
    if (IsDmarcRecord(text)) step.candidates.push_back(std::move(text));
  }
  if (step.candidates.size() == 1) {
    auto record = ParseDmarc(step.candidates.front());
    if (record)
      step.record = std::move(*record);
    else
      step.error = std::move(record.error());
  }
  step.outcome = OutcomeOf(step);
  return step;
}

std::vector<DmarcStep> WalkTree(Resolver& resolver, const std::string& domain, Deadline deadline) {
  std::vector<DmarcStep> steps;
  for (const std::string& name : WalkDomains(domain)) {
    steps.push_back(AskForDmarc(resolver, name, deadline));
    if (steps.back().record && steps.back().record->psd != 'u') break;
  }
  return steps;
}

bool IsTold(const DmarcStep& step) {
  return step.answer.Told() || step.answer.status == Status::kBadName;
}

Organization SelectOrganization(const std::vector<DmarcStep>& steps) {
  Organization organization;
  if (steps.empty()) return organization;
  const std::string& start = steps.front().domain;
  organization.domain = start;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const DmarcStep& step = steps[i];
    if (!IsTold(step)) return {start, false, {}, {}};  // a psd= tag may stand there
    if (!step.record) continue;
    if (step.record->psd == 'y' && i > 0) {
      organization = {LastLabels(start, Labels(step.domain).size() + 1), true, {}, i};
      break;  // the walk ended here
    }
    organization.domain = step.domain;
    organization.record = i;
  }
  if (!organization.suffix) return organization;
  for (std::size_t i = 0; i < *organization.suffix; ++i)
    if (steps[i].record && steps[i].domain == organization.domain) organization.record = i;
  return organization;
}

}  // namespace sealpost::dns
