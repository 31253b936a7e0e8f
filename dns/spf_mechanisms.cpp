#include "dns/spf_mechanisms.h"

#include <algorithm>
#include <utility>

#include "dns/name.h"
#include "dns/spf_macro.h"

namespace sealpost::dns {
namespace {

std::unexpected<SpfStop> StopWithPermerror(std::string problem) {
  return std::unexpected(SpfStop{SpfResult::kPermerror, std::move(problem)});
}

bool HoldsAddress(const Answer& answer, const Ip& ip, unsigned prefix) {
  return std::ranges::any_of(answer.records, [&](const Record& record) {
    const Ip* address = std::get_if<Ip>(&record.data);
    return address && InNetwork(ip, *address, prefix);
  });
}

}  // namespace

SpfMechanisms::SpfMechanisms(Resolver& resolver, const Ip& ip, const SpfLimits& limits, Deadline deadline)
    : resolver_(resolver), ip_(Unmapped(ip)), limits_(limits), deadline_(deadline) {}

bool SpfMechanisms::Late() const {
  return std::chrono::steady_clock::now() >= deadline_;
}

std::expected<void, SpfStop> SpfMechanisms::CountTerm(const std::string& term) {
  void_term_ = false;
  if (lookups_ >= limits_.lookups)
    return StopWithPermerror(std::to_string(limits_.lookups) + " lookups reached, \"" + term + "\" would be one more");
  ++lookups_;
  return {};
}

// RFC 7208 4.6.4 limits the terms whose queries come back empty: a term counts once, however many of its names do.
std::expected<void, SpfStop> SpfMechanisms::CountVoid() {
  if (std::exchange(void_term_, true)) return {};
  if (++void_lookups_ <= limits_.void_lookups) return {};
  return StopWithPermerror("more than " + std::to_string(limits_.void_lookups) + " void lookups");
}

// A name that cannot be asked for is taken as one that is not there, which 4.8 leaves open; nothing was asked in vain,
// so it is not counted as void.
SpfMechanisms::Asked SpfMechanisms::Ask(const std::string& name, Type type) {
  Answer answer = resolver_.Ask({.name = name, .type = type}, deadline_);
  if (answer.Told() || answer.status == Status::kBadName) return answer;
  std::string problem = TypeName(type) + " of " + name + ": " + std::string(StatusName(answer.status));
  return std::unexpected(SpfStop{SpfResult::kTemperror, std::move(problem)});
}

SpfMechanisms::Asked SpfMechanisms::AskCounted(const std::string& name, Type type) {
  Asked answer = Ask(name, type);
  if (!answer || !answer->Void()) return answer;
  if (const auto counted = CountVoid(); !counted) return std::unexpected(counted.error());
  return answer;
}

SpfMechanisms::Asked SpfMechanisms::AskText(const std::string& target, bool counted) {
  const std::string name = NameOf(target);
  return counted ? AskCounted(name, Type::kTxt) : Ask(name, Type::kTxt);
}

SpfMatch SpfMechanisms::Match(const SpfTerm& term, const std::string& target) {
  switch (term.mechanism) {
    case Mechanism::kIp4:
      return InNetwork(ip_, term.network, term.prefix4);
    case Mechanism::kIp6:
      return InNetwork(ip_, term.network, term.prefix6);
    case Mechanism::kA:
      return MatchAddress(term, NameOf(target));
    case Mechanism::kMx:
      return MatchExchanges(term, NameOf(target));
    case Mechanism::kPtr:
      return MatchPointers(NameOf(target));
    case Mechanism::kExists:
      return MatchExists(NameOf(target));
    case Mechanism::kAll:
    case Mechanism::kInclude:
      break;
  }
  return term.mechanism == Mechanism::kAll;
}

SpfMatch SpfMechanisms::MatchAddress(const SpfTerm& term, const std::string& name) {
  const Asked answer = AskCounted(name, AddressType());
  if (!answer) return std::unexpected(answer.error());
  return HoldsAddress(*answer, ip_, ip_.v6 ? term.prefix6 : term.prefix4);
}

SpfMatch SpfMechanisms::MatchExists(const std::string& name) {
  const Asked answer = AskCounted(name, Type::kA);  // even for an IPv6 client (5.7)
  if (!answer) return std::unexpected(answer.error());
  return !answer->records.empty();
}

SpfMatch SpfMechanisms::MatchExchanges(const SpfTerm& term, const std::string& name) {
  const Asked answer = AskCounted(name, Type::kMx);
  if (!answer) return std::unexpected(answer.error());
  if (std::cmp_greater(answer->records.size(), limits_.mx_names))
    return StopWithPermerror(name + " has more than " + std::to_string(limits_.mx_names) + " MX records");

  std::vector<Mx> exchanges;
  std::vector<Question> questions;
  for (const Record& record : answer->records) {
    const Mx* mx = std::get_if<Mx>(&record.data);
    if (!mx || mx->exchange.empty()) continue;  // a null MX (RFC 7505)
    exchanges.push_back(*mx);
    questions.push_back({.name = mx->exchange, .type = AddressType()});
  }
  resolver_.Prefetch(questions);
  std::ranges::stable_sort(exchanges, {}, &Mx::preference);
  for (const Mx& mx : exchanges) {
    SpfMatch match = MatchAddress(term, mx.exchange);
    if (!match || *match) return match;
  }
  return false;
}

SpfMatch SpfMechanisms::MatchPointers(const std::string& name) {
  const SpfPointers& pointers = FindPointers();
  if (pointers.empty) {
    if (const auto counted = CountVoid(); !counted) return std::unexpected(counted.error());
  }
  return std::ranges::any_of(pointers.validated, [&](const std::string& n) { return IsWithin(n, name); });
}

// A DNS error in here is none of the evaluation: the name is passed over (5.5). Names without an address are not
// counted as void either: who writes PTR records is the client's network, not the domain.
const SpfPointers& SpfMechanisms::FindPointers() {
  if (pointers_) return *pointers_;
  pointers_.emplace();
  const Answer answer = resolver_.Ask({.name = ReverseName(ip_), .type = Type::kPtr}, deadline_);
  pointers_->empty = answer.Void();
  std::vector<Question> questions;
  for (const Record& record : answer.records) {
    if (std::cmp_greater_equal(questions.size(), limits_.ptr_names)) break;
    if (const Host* host = std::get_if<Host>(&record.data))
      questions.push_back({.name = host->name, .type = AddressType()});
  }
  resolver_.Prefetch(questions);
  for (const Question& question : questions)
    if (HoldsAddress(resolver_.Ask(question, deadline_), ip_, ip_.v6 ? 128 : 32))
      pointers_->validated.push_back(question.name);
  return *pointers_;
}

std::string SpfMechanisms::ValidatedName(const std::string& domain) {
  const std::vector<std::string>& names = FindPointers().validated;
  const std::string wanted = NameOf(domain);
  const auto same = [&](const std::string& name) { return SameName(name, wanted); };
  const auto below = [&](const std::string& name) { return IsWithin(name, wanted); };
  auto found = std::ranges::find_if(names, same);
  if (found == names.end()) found = std::ranges::find_if(names, below);
  if (found == names.end()) found = names.begin();
  return found == names.end() ? "unknown" : *found;
}

Type SpfMechanisms::TypeAsked(Mechanism mechanism) const {
  if (mechanism == Mechanism::kInclude) return Type::kTxt;
  if (mechanism == Mechanism::kMx) return Type::kMx;
  return mechanism == Mechanism::kExists ? Type::kA : AddressType();
}

void SpfMechanisms::Prefetch(const SpfRecord& record, const std::string& domain) {
  std::vector<Question> questions;
  const auto add = [&](std::string target, Type type) {
    if (HasMacros(target)) return;
    if (target.ends_with('.')) target.pop_back();
    questions.push_back({.name = NameOf(target), .type = type});
  };
  for (const SpfTerm& term : record.terms) {
    if (!CostsLookup(term.mechanism)) {
      if (Match(term, "").value_or(false)) return resolver_.Prefetch(questions);
    } else if (term.mechanism != Mechanism::kPtr) {
      add(term.domain.empty() ? domain : term.domain, TypeAsked(term.mechanism));
    }
  }
  if (record.redirect) add(record.redirect->value, Type::kTxt);
  resolver_.Prefetch(questions);
}

}  // namespace sealpost::dns
