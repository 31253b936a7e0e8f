#include "dns/checks/name_servers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dns/checks/mail_host.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

struct NameServer {
  std::string name;
  Server address;

  std::string Shown() const { return name + " (" + ToString(address) + ")"; }
};

struct Zone {
  std::string name;
  Answer answer;  // of NS
};

// Up from the name to where NS records stand: a delegated _domainkey has its own.
Zone FindZone(Context& context, std::string name) {
  Answer answer = context.Ask(name, Type::kNs);
  while ((answer.Void() || !answer.aliases.empty()) && Labels(name).size() > 1) {
    name = std::string(Parent(name));
    answer = context.Ask(name, Type::kNs);
  }
  return {std::move(name), std::move(answer)};
}

std::vector<NameServer> Servers(Context& context, const Answer& ns) {
  std::vector<NameServer> servers;
  for (const Record& record : ns.records) {
    const Host* host = std::get_if<Host>(&record.data);
    if (host == nullptr) continue;
    for (const Ip& ip : AddressesOf(context, host->name).ips) servers.push_back({host->name, {ip, 53}});
  }
  return servers;
}

// What has to be equal: the status and the set of records, in any order; an alias counts by its target.
std::vector<std::string> Comparable(const Answer& answer) {
  std::vector<std::string> set = Raw(answer);
  for (const std::string& alias : answer.aliases) set.push_back("CNAME " + Lower(alias));
  std::ranges::sort(set);
  if (set.empty()) set.emplace_back(StatusName(answer.status));
  return set;
}

std::string Shown(const std::vector<std::string>& set) {
  std::string text;
  for (const std::string& item : set) text += (text.empty() ? "" : ", ") + item;
  return text;
}

struct Comparison {
  std::vector<std::pair<NameServer, std::vector<std::string>>> told;
  std::string lame;    // servers that say they do not serve the zone
  std::string silent;  // servers that could not be asked: it may be our own network
};

Comparison AskEach(Context& context, const std::vector<NameServer>& servers, const std::string& name) {
  std::vector<Question> questions;
  for (const NameServer& server : servers)
    questions.push_back({.name = name, .type = Type::kTxt, .servers = {server.address}});
  context.Prefetch(questions);
  Comparison comparison;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const Answer answer = context.tools.resolver.Ask(questions[i], context.tools.deadline);
    const bool lame = answer.status == Status::kRefused || answer.status == Status::kServfail;
    if (answer.Told())
      comparison.told.emplace_back(servers[i], Comparable(answer));
    else
      (lame ? comparison.lame : comparison.silent) +=
          servers[i].Shown() + " answered " + std::string(StatusName(answer.status)) + " for " + name + ". ";
  }
  return comparison;
}

void Compare(Context& context, const std::vector<NameServer>& servers, const std::string& name) {
  const Comparison comparison = AskEach(context, servers, name);
  Findings::Seen seen{.name = name, .detail = comparison.lame};
  std::map<std::vector<std::string>, int> votes;
  for (const auto& [server, set] : comparison.told) ++votes[set];
  const auto most = std::ranges::max_element(votes, {}, &std::pair<const std::vector<std::string>, int>::second);
  for (const auto& [server, set] : comparison.told) {
    seen.records.push_back(server.Shown() + ": " + Shown(set));
    if (set != most->first) seen.detail += server.Shown() + " has something else than most servers. ";
  }
  if (!seen.detail.empty()) {
    seen.detail.pop_back();
    return context.findings.Warn("NS-AGREE", std::move(seen));
  }
  if (!comparison.silent.empty()) {
    seen.detail = comparison.silent;
    seen.detail.pop_back();
    return context.findings.Unknown("NS-AGREE", std::move(seen));
  }
  seen.detail = "All " + std::to_string(servers.size()) + " addresses of the name servers give the same answer.";
  context.findings.Pass("NS-AGREE", std::move(seen));
}

}  // namespace

std::vector<std::string> RecordNames(const Sender& sender) {
  std::vector<std::string> names = {sender.domain, "_dmarc." + sender.domain};
  if (!sender.return_path.empty() && !SameName(sender.return_path, sender.domain)) names.push_back(sender.return_path);
  for (const Signer& signer : sender.signers) names.push_back(signer.selector + "._domainkey." + signer.domain);
  return names;
}

void CheckNameServers(Context& context) {
  if (!context.sender.ask_authoritative) return;
  std::map<std::string, std::vector<NameServer>> known;
  for (const std::string& name : RecordNames(context.sender)) {
    const Zone zone = FindZone(context, name);
    if (!zone.answer.Told()) {
      context.findings.Unknown("NS-AGREE", {.name = zone.name, .detail = Trouble(zone.answer, zone.name)});
      continue;
    }
    if (!known.contains(zone.name)) known[zone.name] = Servers(context, zone.answer);
    const auto& servers = known[zone.name];
    if (servers.empty()) {
      context.findings.Unknown("NS-AGREE", {.name = zone.name, .detail = "No address of a name server was found."});
      continue;
    }
    Compare(context, servers, name);
  }
}

}  // namespace sealpost::dns
