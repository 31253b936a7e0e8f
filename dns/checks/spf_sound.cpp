#include "dns/checks/spf_sound.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/checks/spf_fix.h"
#include "dns/name.h"
#include "dns/spf_evaluator.h"
#include "dns/spf_walk.h"

namespace sealpost::dns {
namespace {

constexpr int kMostOpenTerms = 50;  // taken out one by one

// Documentation, private and shared blocks, in both halves of the address space (RFC 5737, 1918, 6598, 3849, 9637).
constexpr std::array kStrangers4 = {"10.255.254.253", "100.127.254.253", "192.0.2.253", "198.51.100.253",
                                    "203.0.113.253"};
constexpr std::array kStrangers6 = {"2001:db8:fffe:fffd::fffd", "3fff:ffe:fffd::fffd", "fd53:fffe:fffd::fffd"};

SpfOutcome Evaluate(Resolver& resolver, const Ip& ip, const std::string& domain, const std::string& helo,
                    Deadline deadline) {
  return CheckHost(resolver, {ip, "postmaster@" + domain, helo, ""}, {}, deadline);
}

class Draft {
 public:
  Draft(const Context& context, const std::string& domain, std::string text)
      : context_(context), domain_(domain), text_(std::move(text)) {}

  const std::string& text() const { return text_; }

  SpfWalk Walk() const {
    Republished dns(context_.tools.resolver, domain_, text_);
    return WalkSpf(dns, domain_, context_.tools.deadline);
  }

  // Whatever qualifier the term carries in the record.
  void Drop(const std::string& term) {
    std::vector<std::string> words = SpfWords(text_);
    std::erase_if(words, [&](const std::string& word) { return !SameName(Unqualified(word), Unqualified(term)); });
    if (!words.empty()) text_ = WithoutTerms(text_, words);
  }
  void Replace(const std::string& term, const std::vector<std::string>& by) {
    text_ = WithTermReplaced(text_, term, by);
  }
  void End(std::string_view all) { text_ = WithAll(text_, all); }

  void Close() {
    for (int i = 0; i < kMostOpenTerms; ++i) {
      Republished dns(context_.tools.resolver, domain_, text_);
      const std::string open = PassesStrangers(dns, domain_, context_.tools.deadline);
      if (open.empty()) return;
      if (IsAll(open)) {
        End("~all");
        continue;
      }
      // One of several huge networks is no better than the rest.
      for (const SpfWide& wide : Walk().wide)
        if (SameName(wide.domain, domain_) && !IsAll(wide.term)) Drop(wide.term);
      Drop(open);
    }
  }

  // Behind the other terms if that is enough, in front of all if an earlier one refuses, or ends in an error.
  void LetPass(const std::vector<Ip>& addresses) {
    for (const bool in_front : {false, true}) {
      std::vector<std::string> terms;
      for (const Ip& ip : addresses)
        if (!Passes(ip)) terms.push_back(SpfTermFor(ip));
      if (terms.empty()) return;
      if (in_front) text_ = WithoutTerms(text_, terms);
      text_ = WithTermsAdded(text_, terms, in_front);
    }
  }

  bool Passes(const Ip& ip) const {
    std::vector<std::string> helos = context_.sender.helo_names;
    if (helos.empty()) helos.push_back(domain_);
    Republished dns(context_.tools.resolver, domain_, text_);
    return std::ranges::all_of(helos, [&](const std::string& helo) {
      return Evaluate(dns, ip, domain_, helo, context_.tools.deadline).result == SpfResult::kPass;
    });
  }

 private:
  const Context& context_;
  const std::string& domain_;
  std::string text_;
};

std::vector<std::string> AddressTerms(const Context& context) {
  std::vector<std::string> terms;
  for (const Ip& ip : context.sender.addresses) terms.push_back(SpfTermFor(ip));
  return terms;
}

void DropDead(Draft& draft, const std::string& domain) {
  const SpfWalk walk = draft.Walk();
  for (std::size_t i = 1; i < walk.nodes.size(); ++i) {
    const SpfNode& node = walk.nodes[i];
    if (node.parent == 0 && (node.loop || (node.answer.Told() && !node.record))) draft.Drop(node.via);
  }
  if (walk.void_lookups <= kSpfLimits.void_lookups) return;
  for (const SpfVoid& dead : walk.voids)
    if (SameName(dead.domain, domain)) draft.Drop(dead.term);
}

// What lets a whole family pass by its prefix, though an earlier term may hide it.
void DropWide(Draft& draft, const std::string& domain) {
  for (const SpfWide& wide : draft.Walk().wide) {
    if (!wide.everybody || !SameName(wide.domain, domain)) continue;
    if (IsAll(wide.term))
      draft.End("~all");
    else
      draft.Drop(wide.term);
  }
}

void ReplaceByAddresses(Draft& draft, const Context& context, const std::string& domain) {
  const SpfWalk walk = draft.Walk();
  if (walk.nodes.empty() || !walk.nodes.front().record) return;
  const std::vector<std::string> addresses = AddressTerms(context);
  for (const SpfTerm& term : walk.nodes.front().record->terms) {
    const std::string name = term.domain.empty() ? domain : term.domain;
    const bool crowded =
        term.mechanism == Mechanism::kMx &&
        std::ranges::any_of(walk.mx_over_limit, [&](const std::string& mx) { return SameName(mx, name); });
    const bool ptr = term.mechanism == Mechanism::kPtr || Lower(term.domain).contains("%{p");
    // Without an address to put there a crowded mx has to stay until one is known.
    if (ptr || (crowded && !addresses.empty())) draft.Replace(term.text, addresses);
  }
}

// With a terms written out, which cost nothing then, if that is enough.
Draft Flattened(Draft draft, const Context& context, const std::string& domain) {
  const SpfWalk walk = draft.Walk();
  if (walk.lookups <= kSpfLimits.lookups || walk.nodes.empty() || !walk.nodes.front().record) return draft;
  Draft flat = draft;
  int spared = 0;
  for (const SpfTerm& term : walk.nodes.front().record->terms) {
    const bool plain = term.prefix4 == 32 && term.prefix6 == 128 && !term.domain.contains('%');
    if (term.mechanism != Mechanism::kA || !plain) continue;
    std::vector<std::string> written;
    for (const Type type : {Type::kA, Type::kAaaa}) {
      const Answer answer = context.Ask(term.domain.empty() ? domain : term.domain, type);
      if (!answer.Told()) return draft;
      for (const Record& record : answer.records)
        if (const Ip* ip = std::get_if<Ip>(&record.data)) written.push_back(SpfTermFor(*ip));
    }
    flat.Replace(term.text, written);
    ++spared;
  }
  return walk.lookups - spared <= kSpfLimits.lookups ? flat : draft;
}

bool SaysNothing(const std::string& text) {
  const std::vector<std::string> words = SpfWords(text);
  const auto all = std::ranges::find_if(words, IsAll);
  if (all != words.end()) return all->starts_with('?');
  return std::ranges::none_of(words, [](const std::string& word) { return Lower(word).starts_with("redirect="); });
}

template <std::size_t N>
std::string PassesAll(Resolver& resolver, const std::array<const char*, N>& strangers, const std::string& domain,
                      Deadline deadline) {
  std::string term;
  for (const char* const address : strangers) {
    const SpfOutcome outcome =
        Evaluate(resolver, ParseIp(address).value(), domain, RandomLabel() + ".invalid", deadline);
    if (outcome.result != SpfResult::kPass) return "";
    if (term.empty()) term = outcome.mechanism;
  }
  return term;
}

}  // namespace

Republished::Republished(Resolver& as_it_is, std::string name, std::string text)
    : as_it_is_(as_it_is), name_(std::move(name)), text_(std::move(text)) {}

Answer Republished::Ask(const Question& question, Deadline deadline) {
  if (question.type != Type::kTxt || !SameName(question.name, name_)) return as_it_is_.Ask(question, deadline);
  Answer answer;
  answer.status = Status::kAnswer;
  answer.records = {{.name = name_, .type = Type::kTxt, .ttl = 0, .data = Txt{{text_}}}};
  return answer;
}

std::string SoundSpf(const Context& context, const std::string& domain, const std::string& text) {
  Draft draft(context, domain, WithModifiersOnce(WithAllLast(text)));
  DropDead(draft, domain);
  DropWide(draft, domain);
  ReplaceByAddresses(draft, context, domain);
  Draft sound = Flattened(std::move(draft), context, domain);
  if (SaysNothing(sound.text())) sound.End("~all");
  sound.Close();
  sound.LetPass(context.sender.addresses);
  return sound.text();
}

std::string StillPassing(const Context& context, const std::string& domain, const std::string& before,
                         const std::string& after) {
  const Draft old(context, domain, before);
  std::vector<Ip> passed;
  for (const Ip& ip : context.sender.addresses)
    if (old.Passes(ip)) passed.push_back(ip);
  Draft draft(context, domain, after);
  draft.LetPass(passed);
  return draft.text();
}

std::string PassesStrangers(Resolver& resolver, const std::string& domain, Deadline deadline) {
  const std::string term = PassesAll(resolver, kStrangers4, domain, deadline);
  return term.empty() ? PassesAll(resolver, kStrangers6, domain, deadline) : term;
}

int LookupsOf(const Context& context, const std::string& domain, const std::string& text) {
  return Draft(context, domain, text).Walk().lookups;
}

}  // namespace sealpost::dns
