// The bytes are a small world: line 0 is the SPF record of d0.example, line 1 that of d1.example and so on; a form feed
// parts two records of one name. The length of any other name decides what it has.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>

#include "dns/name.h"
#include "dns/spf_evaluator.h"
#include "dns/spf_walk.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

constexpr std::size_t kMostAsked = 300;  // ten terms, each with ten hosts, and ten PTR names, with room

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

class World final : public Resolver {
 public:
  explicit World(std::string_view bytes) : lines_(Split(bytes, '\n')) {}

  std::size_t asked() const { return asked_; }

  Answer Ask(const Question& question, Deadline) override {
    ++asked_;
    Answer answer;
    answer.status = Status::kBadName;
    if (!IsQueryable(question.name)) return answer;
    const auto add = [&](auto data) { answer.records.push_back({question.name, question.type, 60, std::move(data)}); };
    const std::size_t kind = question.name.size() % 4;
    switch (question.type) {
      case Type::kTxt:
        if (const auto line = LineOf(question.name))
          for (const std::string& text : Split(*line, '\f'))
            if (!text.empty()) add(Txt{{text}});
        break;
      case Type::kA:
      case Type::kAaaa:
        if (kind < 2) add(ParseIp(question.type == Type::kA ? "192.0.2.1" : "2001:db8::1").value());
        break;
      case Type::kMx:
        for (std::size_t i = 0; i < (kind == 1 ? 1 : kind == 2 ? 11 : 0); ++i)
          add(Mx{10, std::string(i, 'm') + "x.example"});
        if (kind == 3) add(Mx{0, ""});
        break;
      default:
        add(Host{"d0.example"});
        add(Host{"far.example"});
    }
    answer.status = answer.records.empty() ? Status::kNxDomain : Status::kAnswer;
    return answer;
  }

 private:
  std::optional<std::string> LineOf(const std::string& name) const {
    std::size_t number = 0;
    const std::string lower = Lower(name);
    const char* end = lower.data() + lower.size();
    if (!lower.starts_with('d')) return std::nullopt;
    const auto [rest, error] = std::from_chars(lower.data() + 1, end, number);
    if (error != std::errc() || std::string_view(rest, end) != ".example" || number >= lines_.size())
      return std::nullopt;
    return lines_[number];
  }

  std::vector<std::string> lines_;
  std::atomic<std::size_t> asked_ = 0;
};

// Nothing is hidden from the walk: no macro that varies, no loop, no name without exactly one readable record.
bool IsWhole(const SpfWalk& walk) {
  return !walk.cut && walk.unknown.empty() && walk.macros.empty() &&
         std::ranges::all_of(walk.nodes, [](const SpfNode& node) { return node.record && !node.loop; });
}

void CheckOutcome(const SpfOutcome& outcome) {
  const SpfLimits limits;
  Expect(outcome.trace.size() <= 200, "a trace has its limit");
  Expect(outcome.lookups <= limits.lookups, "lookups have their limit");
  Expect(outcome.void_lookups <= limits.void_lookups + 1, "void lookups have their limit");
  const bool failed = outcome.result == SpfResult::kNone || outcome.result == SpfResult::kTemperror ||
                      outcome.result == SpfResult::kPermerror;
  Expect(failed == !outcome.problem.empty(), "an error says what is wrong, a result does not");
  Expect(failed == outcome.mechanism.empty(), "a result says which mechanism decided, an error does not");
  Expect(outcome.explanation.empty() || outcome.result == SpfResult::kFail, "only a fail is explained");
  ExpectShowable(outcome.explanation, "an explanation");
}

}  // namespace

void Walk(std::string_view bytes) {
  World world(bytes);
  const SpfWalk walk = WalkSpf(world, "d0.example", kNoDeadline);
  Expect(!walk.nodes.empty() && walk.nodes.size() <= 100, "a walk has one to a hundred records");
  for (std::size_t i = 1; i < walk.nodes.size(); ++i)
    Expect(walk.nodes[i].parent < i, "a parent stands before a child");
  for (const char* client : {"192.0.2.1", "198.51.100.7", "2001:db8::7"}) {
    World seen(bytes);
    const SpfQuery query{ParseIp(client).value(), "user@d0.example", "helo.example", "receiver.example"};
    const SpfOutcome outcome = CheckHost(seen, query, {}, kNoDeadline);
    CheckOutcome(outcome);
    Expect(seen.asked() <= kMostAsked, "an evaluation asks little");
    if (!IsWhole(walk)) continue;
    Expect(outcome.lookups <= walk.lookups, "no evaluation looks up more than the worst case");
    Expect(outcome.void_lookups <= walk.void_lookups, "no evaluation looks up more in vain than the worst case");
    const bool within = walk.lookups <= 10 && walk.void_lookups <= 2 && walk.mx_over_limit.empty();
    Expect(!within || outcome.result != SpfResult::kPermerror, "within its limits no evaluation is a permerror");
  }
}

}  // namespace sealpost::tests::fuzz
