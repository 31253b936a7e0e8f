#include "dns/checks/check.h"

#include <utility>

#include "dns/checks/context.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

class Names {
 public:
  void Add(const std::string& name, std::initializer_list<Type> types) {
    if (!IsQueryable(name)) return;
    for (const Type type : types) questions_.push_back({name, type});
  }
  std::vector<Question> Take() { return std::move(questions_); }

 private:
  std::vector<Question> questions_;
};

void AddMailDomain(Names& names, const std::string& domain) {
  names.Add(domain, {Type::kTxt, Type::kMx, Type::kA, Type::kAaaa, Type::kCname, Type::kNs, Type::kSoa, Type::kSpf,
                     Type::kCaa});
  names.Add(RandomLabel() + "." + domain, {Type::kTxt});
}

void AddPolicies(Names& names, const std::string& domain) {
  for (std::string_view at = domain; !at.empty(); at = Parent(at)) names.Add("_dmarc." + std::string(at), {Type::kTxt});
  for (const char* prefix : {"_mta-sts.", "_smtp._tls.", "default._bimi."}) names.Add(prefix + domain, {Type::kTxt});
  names.Add("mta-sts." + domain, {Type::kA, Type::kAaaa});
}

// What can be named before anything has been answered: asked at once, a check takes as many round trips as the longest
// chain of answers that lead to further names, and not as many as it has questions.
std::vector<Question> FirstRound(const Sender& sender) {
  Names names;
  AddMailDomain(names, sender.domain);
  AddPolicies(names, sender.domain);
  if (!sender.return_path.empty() && !SameName(sender.return_path, sender.domain)) {
    AddMailDomain(names, sender.return_path);
    AddPolicies(names, sender.return_path);
  }
  for (const Signer& signer : sender.signers) {
    names.Add(signer.selector + "._domainkey." + signer.domain, {Type::kTxt});
    names.Add(RandomLabel() + "._domainkey." + signer.domain, {Type::kTxt});
    if (!SameName(signer.domain, sender.domain)) AddPolicies(names, signer.domain);
  }
  for (const Ip& ip : sender.addresses) names.Add(ReverseName(ip), {Type::kPtr});
  for (const std::string& helo : sender.helo_names) names.Add(helo, {Type::kTxt, Type::kA, Type::kAaaa});
  return names.Take();
}

}  // namespace

Report Check(const Sender& sender, const Tools& tools) {
  Findings findings;
  Context context{sender, tools, findings};
  context.Prefetch(FirstRound(sender));
  for (const auto family : {CheckZone, CheckSpf, CheckDkim, CheckDmarc, CheckAlignment, CheckHosts, CheckReturnPath,
                            CheckMx, CheckTransport, CheckNameServers, CheckDmarcReports})
    family(context);
  Report report;
  report.domain = sender.domain;
  report.findings = findings.Take();
  Conclude(report);
  return report;
}

}  // namespace sealpost::dns
