#include "api/app/domain_look.h"

#include <algorithm>
#include <future>
#include <utility>

#include "api/app/dns_sender.h"
#include "api/app/dns_tools.h"
#include "dns/checks/check.h"
#include "dns/name.h"
#include "mailer/domains/state_json.h"

namespace sealpost::app {

namespace {

constexpr const char* kStopping = "the service stops";

// After a stop is requested nothing more is asked: a look ends with the question that is on its way.
class StoppableResolver final : public dns::Resolver {
 public:
  StoppableResolver(dns::Resolver& inner, std::stop_token stop) : inner_(inner), stop_(std::move(stop)) {}

  dns::Answer Ask(const dns::Question& question, dns::Deadline deadline) override {
    if (!stop_.stop_requested()) return inner_.Ask(question, deadline);
    dns::Answer answer;
    answer.detail = kStopping;
    return answer;
  }
  void Prefetch(std::span<const dns::Question> questions) override {
    if (!stop_.stop_requested()) inner_.Prefetch(questions);
  }

 private:
  dns::Resolver& inner_;
  const std::stop_token stop_;
};

dns::Fetcher Stoppable(dns::Fetcher fetch, const std::stop_token& stop) {
  return [fetch = std::move(fetch), stop](const dns::FetchRequest& request) {
    if (!stop.stop_requested()) return fetch(request);
    dns::FetchResult result;
    result.problem = kStopping;
    result.could_not_tell = true;
    return result;
  };
}

std::vector<std::string> WaitingNames(const Keys& keys) {
  std::vector<std::string> names;
  for (const auto& key : keys)
    if (Waits(*key, keys)) names.push_back(key->DnsName());
  return names;
}

}  // namespace

bool Waits(const dkim::Key& key, const Keys& all) {
  const auto is_rsa = [](const auto& other) { return other->algorithm() == dkim::Algorithm::kRsaSha256; };
  return key.algorithm() == dkim::Algorithm::kEd25519Sha256 && std::ranges::any_of(all, is_rsa);
}

void ExcuseWaiting(dns::Report& report, const std::vector<std::string>& names) {
  const auto waits = [&](const dns::Finding& finding) {
    return finding.id.starts_with("DKIM-") &&
           std::ranges::any_of(names, [&](const std::string& name) { return dns::SameName(name, finding.name); });
  };
  for (dns::Finding& finding : report.findings) {
    if (finding.verdict != dns::Verdict::kFail || !waits(finding)) continue;
    finding.verdict = dns::Verdict::kWarn;
    finding.severity = dns::Severity::kWarning;
    finding.detail +=
        (finding.detail.empty() ? "" : " ") + std::string("Until this record is seen nothing is signed with its key.");
  }
  dns::Conclude(report);
}

base::Result<domains::Look> MakeLook(const Config& config, const DomainBook& book) {
  DnsOptions options;
  options.servers = config.dns.servers;
  options.suffix_list = config.dns.suffix_list_file;
  auto opened = DnsTools::Open(options);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return [tools = std::shared_ptr<DnsTools>(std::move(*opened)), config, &book](const std::string& domain,
                                                                                const std::stop_token& stop) {
    const auto found = book.Find(domain);
    const Keys keys = book.KeysFor(domain);
    const DeclaredDomain declared{domain, found ? found->return_path : "", {}};
    tools->Forget();
    StoppableResolver resolver(tools->resolver(), stop);
    const dns::Tools plain = tools->At(CheckDeadline());
    dns::Report report = dns::Check(SenderOf(config, declared, keys),
                                    {resolver, plain.suffixes, Stoppable(plain.fetch, stop), plain.deadline});
    ExcuseWaiting(report, WaitingNames(keys));
    return report;
  };
}

resources::ReadDomainDns LookEachTime(std::function<dns::Report(const std::string& domain)> look,
                                      const base::Clock& clock) {
  return [look = std::move(look), &clock](const std::string& domain, bool /*fresh*/) -> base::Result<std::string> {
    // The threads of the HTTP server have small stacks, which is no place for reading what strangers publish.
    domains::DomainState state;
    domains::TakeIn(state, std::async(std::launch::async, look, domain).get(), {}, clock.Now());
    return domains::StateJson(state, {});
  };
}

base::Result<resources::ReadDomainDns> LookAtZone(const std::string& server, const dkim::Keyring& keyring,
                                                  const base::Clock& clock) {
  DnsOptions options;
  options.servers = {server};
  auto opened = DnsTools::Open(options);
  if (!opened) return std::unexpected(std::move(opened.error()));
  Config config;
  config.delivery.sources = {"127.0.0.1"};  // where the mail of development comes from
  const auto look = [tools = std::shared_ptr<DnsTools>(std::move(*opened)), config,
                     &keyring](const std::string& domain) {
    tools->Forget();
    return dns::Check(SenderOf(config, {domain, "bounce." + domain, {}}, keyring.KeysFor(domain)),
                      tools->At(CheckDeadline()));
  };
  return LookEachTime(look, clock);
}

}  // namespace sealpost::app
