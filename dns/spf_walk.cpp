#include "dns/spf_walk.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "dns/name.h"
#include "dns/spf_macro.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMostNodes = 100;
constexpr std::size_t kMostQuestions = 500;    // a record of 64 KiB could name ten thousand hosts
constexpr std::size_t kMostText = 256 * 1024;  // of all records
constexpr std::size_t kMostExchanges = 10;
constexpr unsigned kWide4 = 8;
constexpr unsigned kWide6 = 16;
constexpr Type kAddresses[] = {Type::kA, Type::kAaaa};

// Terms up to and including all; nothing behind it is evaluated (5.1).
std::span<const SpfTerm> LiveTerms(const SpfRecord& record) {
  const auto all = std::ranges::find(record.terms, Mechanism::kAll, &SpfTerm::mechanism);
  return {record.terms.begin(), all == record.terms.end() ? all : all + 1};
}

// Null where there is none, or where all keeps it from being used (6.1).
const SpfModifier* LiveRedirect(const SpfRecord& record) {
  const auto terms = LiveTerms(record);
  const bool all = !terms.empty() && terms.back().mechanism == Mechanism::kAll;
  return record.redirect && !all ? &*record.redirect : nullptr;
}

// The domain that a domain-spec stands for whoever sends; nothing if it varies.
std::optional<std::string> FixedTarget(const std::string& spec, const std::string& domain) {
  if (spec.empty()) return domain;
  if (VariesByMessage(spec)) return std::nullopt;
  MacroValues values;
  values.domain = domain;
  return ExpandMacros(spec, values, MacroPlace::kDomainSpec);
}

// What a term asks of its own name, over clients of both families. Not ptr: it asks about the client.
std::span<const Type> TypesAsked(Mechanism mechanism) {
  static constexpr Type kText[] = {Type::kTxt}, kExchange[] = {Type::kMx}, kAddress4[] = {Type::kA};
  switch (mechanism) {
    case Mechanism::kInclude:
      return kText;
    case Mechanism::kMx:
      return kExchange;
    case Mechanism::kA:
      return kAddresses;
    case Mechanism::kExists:
      return kAddress4;
    default:
      return {};
  }
}

std::optional<SpfWide> Wide(const SpfTerm& term, const std::string& domain) {
  if (term.qualifier != Qualifier::kPass || term.mechanism == Mechanism::kInclude) return std::nullopt;
  const bool everybody = term.mechanism == Mechanism::kAll || term.prefix4 == 0 || term.prefix6 == 0;
  if (!everybody && term.prefix4 > kWide4 && term.prefix6 > kWide6) return std::nullopt;
  return SpfWide{domain, term.text, everybody};
}

// Each question once, whatever the resolver keeps.
class Questions {
 public:
  Questions(Resolver& resolver, Deadline deadline, SpfWalk& walk)
      : resolver_(resolver), deadline_(deadline), walk_(walk) {}

  void Prefetch(const std::string& name, std::span<const Type> types) {
    std::vector<Question> questions;
    for (const Type type : types)
      if (started_.size() < kMostQuestions && started_.emplace(name, type).second)
        questions.push_back({.name = name, .type = type});
    if (!questions.empty()) resolver_.Prefetch(questions);
  }

  const Answer& Ask(const std::string& name, Type type) {
    if (const auto known = answers_.find({name, type}); known != answers_.end()) return known->second;
    if (answers_.size() >= kMostQuestions || std::chrono::steady_clock::now() >= deadline_) {
      walk_.cut = true;
      return unasked_;
    }
    const Answer& answer = answers_[{name, type}] = resolver_.Ask({.name = name, .type = type}, deadline_);
    const bool told = answer.Told() || answer.status == Status::kBadName;
    if (!told && std::ranges::find(walk_.unknown, name) == walk_.unknown.end()) walk_.unknown.push_back(name);
    return answer;
  }

  // Empty for all of these types: a host without IPv6 is no void for who comes over IPv4.
  bool IsVoid(const std::string& name, std::span<const Type> types) {
    return std::ranges::all_of(types, [&](Type type) { return Ask(name, type).Void(); });
  }

  std::vector<std::string> Exchanges(const std::string& name) {
    std::vector<std::string> hosts;
    for (const Record& record : Ask(name, Type::kMx).records)
      if (const Mx* mx = std::get_if<Mx>(&record.data)) hosts.push_back(mx->exchange);
    return hosts;
  }

 private:
  Resolver& resolver_;
  const Deadline deadline_;
  SpfWalk& walk_;
  std::set<std::pair<std::string, Type>> started_;
  std::map<std::pair<std::string, Type>, Answer> answers_;
  const Answer unasked_;
};

// Records are read level by level, so that those of one level wait for the DNS together, and put in the order of
// evaluation afterwards.
class Walk {
 public:
  Walk(Resolver& resolver, Deadline deadline) : questions_(resolver, deadline, walk_) {}

  SpfWalk Run(const std::string& domain) {
    Found root;
    root.node.domain = domain;
    found_.push_back(std::move(root));
    for (std::vector<std::size_t> level = {0}; !level.empty();) level = Descend(level);
    for (const Found& found : found_) PrefetchExchanges(found.node);
    Place(0, 0);
    return std::move(walk_);
  }

 private:
  struct Found {
    SpfNode node;
    std::size_t parent = 0;
    bool passes = true;  // what its terms pass, the whole evaluation passes
    std::vector<std::size_t> children;
  };

  // Reads the records of a level; returns the next one.
  std::vector<std::size_t> Descend(const std::vector<std::size_t>& level) {
    std::vector<std::size_t> next;
    for (const std::size_t at : level) {
      ReadRecord(found_[at].node);
      if (!found_[at].node.record || found_[at].node.loop) continue;
      PrefetchTerms(found_[at].node);
      AddChildren(at);
      next.insert(next.end(), found_[at].children.begin(), found_[at].children.end());
    }
    return next;
  }

  void ReadRecord(SpfNode& node) {
    node.answer = questions_.Ask(NameOf(node.domain), Type::kTxt);
    for (const Record& record : node.answer.records)
      if (const Txt* txt = std::get_if<Txt>(&record.data))
        if (std::string text = txt->Joined(); IsSpfRecord(text)) node.records.push_back(std::move(text));
    if (node.records.size() != 1) return;
    text_ += node.records.front().size();
    if (text_ > kMostText) {
      walk_.cut = true;
      return;
    }
    auto record = ParseSpf(node.records.front());
    if (record) {
      node.record = std::move(*record);
    } else {
      node.errors = std::move(record.error());
    }
  }

  void PrefetchTerms(const SpfNode& node) {
    for (const SpfTerm& term : LiveTerms(*node.record))
      if (const auto target = FixedTarget(term.domain, node.domain))
        questions_.Prefetch(NameOf(*target), TypesAsked(term.mechanism));
    if (const SpfModifier* redirect = LiveRedirect(*node.record))
      if (const auto target = FixedTarget(redirect->value, node.domain))
        questions_.Prefetch(NameOf(*target), TypesAsked(Mechanism::kInclude));
  }

  void PrefetchExchanges(const SpfNode& node) {
    if (!node.record || node.loop) return;
    for (const SpfTerm& term : LiveTerms(*node.record)) {
      const auto target = FixedTarget(term.domain, node.domain);
      if (term.mechanism != Mechanism::kMx || !target) continue;
      for (const std::string& host : questions_.Exchanges(NameOf(*target))) questions_.Prefetch(host, kAddresses);
    }
  }

  void AddChildren(std::size_t at) {
    const SpfRecord record = *found_[at].node.record;  // a copy: found_ grows
    for (const SpfTerm& term : LiveTerms(record))
      if (term.mechanism == Mechanism::kInclude)
        AddChild(at, term.text, term.domain, term.qualifier == Qualifier::kPass);
    if (const SpfModifier* redirect = LiveRedirect(record)) AddChild(at, redirect->text, redirect->value, true);
  }

  void AddChild(std::size_t parent, const std::string& via, const std::string& spec, bool passes) {
    const auto target = FixedTarget(spec, found_[parent].node.domain);
    if (!target) return;
    if (found_.size() >= kMostNodes) {
      walk_.cut = true;
      return;
    }
    Found child;
    child.node.domain = *target;
    child.node.via = via;
    child.node.depth = found_[parent].node.depth + 1;
    child.node.loop = IsAncestor(*target, parent);
    child.parent = parent;
    child.passes = passes && found_[parent].passes;
    found_[parent].children.push_back(found_.size());
    found_.push_back(std::move(child));
  }

  bool IsAncestor(const std::string& domain, std::size_t from) const {
    for (std::size_t at = from;; at = found_[at].parent) {
      if (SameName(found_[at].node.domain, domain)) return true;
      if (at == 0) return false;
    }
  }

  // Moves a node, then what it leads to, into the walk; `parent` is its parent's place there.
  void Place(std::size_t at, std::size_t parent) {
    if (found_[at].node.record && !found_[at].node.loop) CountTerms(found_[at].node, found_[at].passes);
    const std::size_t own = walk_.nodes.size();
    walk_.nodes.push_back(std::move(found_[at].node));
    walk_.nodes.back().parent = parent;
    for (const std::size_t child : found_[at].children) Place(child, own);
  }

  void CountTerms(SpfNode& node, bool passes) {
    for (const SpfTerm& term : LiveTerms(*node.record)) {
      if (const auto wide = Wide(term, node.domain); wide && passes) walk_.wide.push_back(*wide);
      if (CostsLookup(term.mechanism)) CountTerm(node, term.text, term.domain, term.mechanism);
    }
    if (const SpfModifier* redirect = LiveRedirect(*node.record))
      CountTerm(node, redirect->text, redirect->value, Mechanism::kInclude);
    walk_.lookups += node.lookups;
  }

  void CountTerm(SpfNode& node, const std::string& text, const std::string& spec, Mechanism mechanism) {
    ++node.lookups;
    if (HasMacros(spec)) walk_.macros.push_back(text);
    const auto target = FixedTarget(spec, node.domain);
    if (!target || mechanism == Mechanism::kPtr) return;
    const std::string name = NameOf(*target);
    std::vector<std::string> in_vain;
    if (questions_.IsVoid(name, TypesAsked(mechanism))) in_vain.push_back(name);
    if (mechanism == Mechanism::kMx) {
      const std::vector<std::string> hosts = questions_.Exchanges(name);
      if (hosts.size() > kMostExchanges) walk_.mx_over_limit.push_back(name);
      for (const std::string& host : hosts)
        if (!host.empty() && questions_.IsVoid(host, kAddresses)) in_vain.push_back(host);
    }
    for (const std::string& asked : in_vain) walk_.voids.push_back({node.domain, text, asked});
    if (!in_vain.empty()) ++walk_.void_lookups;  // a term counts once, as in an evaluation
  }

  SpfWalk walk_;
  Questions questions_;
  std::vector<Found> found_;
  std::size_t text_ = 0;
};

}  // namespace

SpfWalk WalkSpf(Resolver& resolver, const std::string& domain, Deadline deadline) {
  return Walk(resolver, deadline).Run(domain);
}

}  // namespace sealpost::dns
