#include "dns/spf_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dns/name.h"
#include "dns/spf_macro.h"
#include "dns/spf_mechanisms.h"
#include "dns/spf_record.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kLongestTrace = 200;
constexpr std::size_t kUntraced = kLongestTrace;

// What check_host() says of one domain, as include and redirect need it of another's record.
struct SpfVerdict {
  SpfResult result = SpfResult::kNone;
  std::string problem{};             // of none and the errors
  std::string mechanism{};           // that matched, or "default"
  std::string domain{};              // whose record decided
  std::optional<SpfModifier> exp{};  // of that record
};

SpfVerdict Error(SpfStop stop) {
  return {.result = stop.result, .problem = std::move(stop.problem)};
}
SpfVerdict Permerror(std::string problem) {
  return Error({SpfResult::kPermerror, std::move(problem)});
}

SpfResult ResultOf(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::kPass:
      return SpfResult::kPass;
    case Qualifier::kFail:
      return SpfResult::kFail;
    case Qualifier::kSoftfail:
      return SpfResult::kSoftfail;
    case Qualifier::kNeutral:
      break;
  }
  return SpfResult::kNeutral;
}

// The identity that is checked: MAIL FROM, or postmaster at the HELO name (2.4), or at a domain alone (4.3).
std::string Identity(const SpfQuery& query) {
  if (query.sender.empty()) return "postmaster@" + query.helo;
  const std::size_t at = query.sender.rfind('@');
  if (at == std::string::npos) return "postmaster@" + query.sender;
  return at == 0 ? "postmaster" + query.sender : query.sender;
}

std::string DomainOf(const std::string& identity) {
  std::string domain = identity.substr(identity.rfind('@') + 1);
  if (domain.ends_with('.')) domain.pop_back();
  return domain;
}

// Initial processing (4.3): not malformed, more than one label; an address or a domain literal is no domain.
bool IsMailDomain(const std::string& domain) {
  return !domain.starts_with('[') && !ParseIp(domain) && IsQueryable(NameOf(domain)) && Labels(domain).size() > 1;
}

bool IsPrintableText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

class Evaluation {
 public:
  Evaluation(Resolver& resolver, const SpfQuery& query, const SpfLimits& limits, Deadline deadline)
      : mechanisms_(resolver, query.ip, limits, deadline) {
    values_.ip = Unmapped(query.ip);
    values_.sender = Identity(query);
    values_.helo = query.helo;
    values_.receiver = query.receiver;
    values_.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

  SpfOutcome Run() {
    outcome_.domain = DomainOf(values_.sender);
    SpfVerdict verdict = CheckDomain(outcome_.domain, 0, false);
    outcome_.result = verdict.result;
    outcome_.problem = std::move(verdict.problem);
    outcome_.mechanism = std::move(verdict.mechanism);
    if (verdict.result == SpfResult::kFail && verdict.exp) outcome_.explanation = Explain(*verdict.exp, verdict.domain);
    outcome_.lookups = mechanisms_.lookups();
    outcome_.void_lookups = mechanisms_.void_lookups();
    return std::move(outcome_);
  }

 private:
  // check_host() of 4.1. `by_term`: named by an include or redirect.
  SpfVerdict CheckDomain(const std::string& domain, int depth, bool by_term) {
    const std::size_t step = Open(depth, domain, "record", domain);
    auto text = FindRecord(domain, by_term);
    if (!text) {
      Close(step, text.error().problem);
      return std::move(text.error());
    }
    if (!by_term) outcome_.record = *text;
    const auto record = ParseSpf(*text);
    if (!record) {
      const SpfError& first = record.error().front();
      Close(step, "syntax error");
      return Permerror(domain + ", column " + std::to_string(first.column) + ": " + first.message);
    }
    Close(step, "found");
    mechanisms_.Prefetch(*record, domain);
    SpfVerdict verdict = Evaluate(*record, domain, depth);
    if (verdict.domain.empty()) {
      verdict.domain = domain;
      verdict.exp = record->exp;
    }
    return verdict;
  }

  // The one SPF record of a name (4.4, 4.5), or why there is none.
  std::expected<std::string, SpfVerdict> FindRecord(const std::string& domain, bool by_term) {
    if (!IsMailDomain(domain))
      return std::unexpected(SpfVerdict{.problem = "\"" + domain + "\" is no domain that can have a record"});
    const auto answer = mechanisms_.AskText(domain, by_term);
    if (!answer) return std::unexpected(Error(answer.error()));
    std::vector<std::string> found;
    for (const Record& record : answer->records)
      if (const Txt* txt = std::get_if<Txt>(&record.data))
        if (std::string joined = txt->Joined(); IsSpfRecord(joined)) found.push_back(std::move(joined));
    if (found.size() == 1) return std::move(found.front());
    if (found.empty()) return std::unexpected(SpfVerdict{.problem = domain + " has no SPF record"});
    return std::unexpected(Permerror(domain + " has " + std::to_string(found.size()) + " SPF records"));
  }

  SpfVerdict Evaluate(const SpfRecord& record, const std::string& domain, int depth) {
    for (const SpfTerm& term : record.terms) {
      // Errors inside ptr are no matches, so an evaluation that ran out of time could go on to "-all".
      if (mechanisms_.Late()) return Error({SpfResult::kTemperror, "out of time"});
      const auto match = EvaluateTerm(term, domain, depth);
      if (!match) return Error(match.error());
      if (*match) return {.result = ResultOf(term.qualifier), .mechanism = term.text};
    }
    if (mechanisms_.Late()) return Error({SpfResult::kTemperror, "out of time"});
    if (record.redirect) return Redirect(*record.redirect, domain, depth);
    return {.result = SpfResult::kNeutral, .mechanism = "default"};
  }

  SpfMatch EvaluateTerm(const SpfTerm& term, const std::string& domain, int depth) {
    if (!CostsLookup(term.mechanism)) {
      const std::size_t step = Open(depth, domain, term.text, "");
      return Closed(step, mechanisms_.Match(term, ""));
    }
    if (const auto counted = mechanisms_.CountTerm(term.text); !counted) {
      Close(Open(depth, domain, term.text, ""), counted.error().problem);
      return std::unexpected(counted.error());
    }
    const std::string target = term.domain.empty() ? domain : Expand(term.domain, domain);
    const std::size_t step = Open(depth, domain, term.text, target);
    if (term.mechanism == Mechanism::kInclude) return Include(step, target, depth);
    return Closed(step, mechanisms_.Match(term, target));
  }

  // The table of 5.2.
  SpfMatch Include(std::size_t step, const std::string& target, int depth) {
    SpfVerdict verdict = CheckDomain(target, depth + 1, true);
    Close(step, "include: " + std::string(SpfResultName(verdict.result)));
    switch (verdict.result) {
      case SpfResult::kPass:
        return true;
      case SpfResult::kFail:
      case SpfResult::kSoftfail:
      case SpfResult::kNeutral:
        return false;
      case SpfResult::kNone:
      case SpfResult::kPermerror:
        return std::unexpected(SpfStop{SpfResult::kPermerror, std::move(verdict.problem)});
      case SpfResult::kTemperror:
        break;
    }
    return std::unexpected(SpfStop{SpfResult::kTemperror, std::move(verdict.problem)});
  }

  // 6.1: the other record takes this one's place, its exp= too.
  SpfVerdict Redirect(const SpfModifier& redirect, const std::string& domain, int depth) {
    if (const auto counted = mechanisms_.CountTerm(redirect.text); !counted) {
      Close(Open(depth, domain, redirect.text, ""), counted.error().problem);
      return Error(counted.error());
    }
    const std::string target = Expand(redirect.value, domain);
    const std::size_t step = Open(depth, domain, redirect.text, target);
    SpfVerdict verdict = CheckDomain(target, depth, true);
    Close(step, "redirect: " + std::string(SpfResultName(verdict.result)));
    if (verdict.result == SpfResult::kNone) verdict.result = SpfResult::kPermerror;
    return verdict;
  }

  // 6.2: whatever is wrong with an explanation, the result stands without one.
  std::string Explain(const SpfModifier& exp, const std::string& domain) {
    const auto answer = mechanisms_.AskText(Expand(exp.value, domain), false);
    if (!answer || answer->records.size() != 1) return "";
    const Txt* txt = std::get_if<Txt>(&answer->records.front().data);
    if (!txt || !CheckMacros(txt->Joined(), MacroPlace::kExplanation)) return "";
    std::string text = ExpandMacros(txt->Joined(), ValuesFor(domain), MacroPlace::kExplanation);
    // It is meant for an SMTP reply, and sender and HELO may hold anything.
    return IsPrintableText(text) ? text : "";
  }

  MacroValues ValuesFor(const std::string& domain) {
    MacroValues values = values_;
    values.domain = domain;
    values.validated = [this, domain] { return mechanisms_.ValidatedName(domain); };
    return values;
  }
  std::string Expand(const std::string& text, const std::string& domain) {
    return ExpandMacros(text, ValuesFor(domain), MacroPlace::kDomainSpec);
  }

  std::size_t Open(int depth, const std::string& domain, const std::string& term, const std::string& expanded) {
    if (outcome_.trace.size() >= kLongestTrace) return kUntraced;
    outcome_.trace.push_back({depth, domain, term, expanded, "", mechanisms_.lookups(), mechanisms_.void_lookups()});
    return outcome_.trace.size() - 1;
  }
  void Close(std::size_t step, std::string outcome) {
    if (step == kUntraced) return;
    outcome_.trace[step].outcome = std::move(outcome);
    // What came of an include stands with its own terms.
    if (step + 1 == outcome_.trace.size()) outcome_.trace[step].void_lookups = mechanisms_.void_lookups();
  }
  SpfMatch Closed(std::size_t step, SpfMatch match) {
    Close(step, !match ? match.error().problem : *match ? "match" : "no match");
    return match;
  }

  SpfMechanisms mechanisms_;
  MacroValues values_;
  SpfOutcome outcome_;
};

}  // namespace

std::string_view SpfResultName(SpfResult result) {
  switch (result) {
    case SpfResult::kNone:
      return "none";
    case SpfResult::kNeutral:
      return "neutral";
    case SpfResult::kPass:
      return "pass";
    case SpfResult::kFail:
      return "fail";
    case SpfResult::kSoftfail:
      return "softfail";
    case SpfResult::kTemperror:
      return "temperror";
    case SpfResult::kPermerror:
      break;
  }
  return "permerror";
}

SpfOutcome CheckHost(Resolver& resolver, const SpfQuery& query, const SpfLimits& limits, Deadline deadline) {
  const Deadline own = std::chrono::steady_clock::now() + limits.overall;
  return Evaluation(resolver, query, limits, std::min(deadline, own)).Run();
}

}  // namespace sealpost::dns
