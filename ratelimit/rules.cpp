#include "ratelimit/rules.h"

#include <algorithm>
#include <utility>

#include "ratelimit/big_endian.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::int64_t kClockSetBack = 3'600'000;

// 56 entries, the weekly log and the state of a mailbox together stay below 1,200 bytes of Redis.
constexpr std::size_t kMailboxEntries = 56;
constexpr std::size_t kOtherEntries = 96;
// In the budgets of a domain, a source and a key a second says nothing, and a flood would fill their logs at once.
constexpr std::int64_t kSharedStretch = 1000;

struct Traits {
  std::string_view name;
  std::string_view scope;
  Span span = Span::kLane;
  bool under_attack = false;
  bool challenge = false;
};

void AddRules(RuleSet& set, const Traits& traits, const std::vector<Limit>& limits, Mode at_most = Mode::kEnforce) {
  for (Limit limit : limits) {
    limit.mode = std::max(limit.mode, at_most);
    if (limit.mode == Mode::kOff) continue;
    // A rule of one or two messages is half spent by any of them.
    const bool challenge = traits.challenge && limit.count >= 3 && limit.window >= std::chrono::minutes(10);
    set.rules.push_back({.span = traits.span,
                         .limit = limit,
                         .name = RuleName(std::string(traits.name), limit),
                         .scope = traits.scope,
                         .under_attack = traits.under_attack,
                         .challenge = challenge});
  }
}

void Pack(RuleSet& set) {
  AppendBigEndian(set.packed, static_cast<std::uint64_t>(set.keep), 6);
  AppendBigEndian(set.packed, set.most, 1);
  AppendBigEndian(set.packed, static_cast<std::uint64_t>(set.stretch), 2);
  std::int64_t widest = 0;
  for (const Rule& rule : set.rules) widest = std::max(widest, std::chrono::milliseconds(rule.limit.window).count());
  AppendBigEndian(set.packed, static_cast<std::uint64_t>(widest), 6);
  for (const Rule& rule : set.rules) {
    const unsigned flags =
        (rule.limit.mode == Mode::kShadow ? 1U : 0U) | (rule.under_attack ? 2U : 0U) | (rule.challenge ? 4U : 0U);
    set.packed += static_cast<char>(rule.span);
    set.packed += static_cast<char>(flags);
    AppendBigEndian(set.packed, static_cast<std::uint32_t>(rule.limit.window.count()), 4);
    AppendBigEndian(set.packed, rule.limit.count, 4);
  }
}

std::int64_t Longest(std::int64_t so_far, const std::vector<Limit>& limits) {
  for (const Limit& limit : limits) {
    so_far = std::max<std::int64_t>(so_far, std::chrono::milliseconds(limit.window).count());
  }
  return so_far;
}

std::array<std::int64_t, kKinds> LongestWindows(const Policy& policy) {
  std::array<std::int64_t, kKinds> longest{};
  const auto add = [&longest](Kind kind, const std::vector<Limit>& limits) {
    std::int64_t& own = longest[static_cast<std::size_t>(kind)];
    own = Longest(own, limits);
  };
  for (const auto* limits : {&policy.umbrella_unconfirmed, &policy.umbrella_confirmed, &policy.trusted, &policy.captcha,
                             &policy.all, &policy.attack.anonymous}) {
    add(Kind::kMailbox, *limits);
  }
  for (const Policy::PerCategory& own : policy.categories) {
    add(Kind::kMailbox, own.mailbox);
    add(Kind::kUnconfirmed, own.unconfirmed);
    add(Kind::kInviter, own.inviter);
    add(Kind::kInviter, own.inviter_verified);
    add(Kind::kWorkspace, own.workspace);
  }
  add(Kind::kFamily, policy.family);
  add(Kind::kDomain, policy.domain);
  add(Kind::kSource, policy.source);
  add(Kind::kSourceNet, policy.source_net);
  add(Kind::kKey, policy.key);
  return longest;
}

}  // namespace

std::string_view KindName(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kNames{"mailbox",    "unconfirmed", "family",  "domain",   "source",
                                                        "source_net", "key",         "inviter", "workspace"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint8_t Tag(Category category, Lane lane) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(lane) << 6 | (static_cast<unsigned>(category) & 63));
}

static_assert(kMostCategories + 1 < 64, "the budgets of the trusted lane stand above all categories");

std::uint8_t TrustedTag(Trust trust) {
  return Tag(static_cast<Category>(trust == Trust::kCaptcha ? kMostCategories : kMostCategories + 1), Lane::kTrusted);
}

std::optional<Category> CategoryOf(std::uint8_t tag) {
  if (LaneOf(tag) == Lane::kTrusted) return std::nullopt;
  return static_cast<Category>(tag & 63);
}

Lane LaneOf(std::uint8_t tag) {
  return static_cast<Lane>(tag >> 6);
}

bool Counts(Span span, std::uint8_t request_tag, std::uint8_t entry_tag) {
  switch (span) {
    case Span::kCategory:
      return entry_tag == request_tag;
    case Span::kLane:
      return LaneOf(entry_tag) == LaneOf(request_tag);
    case Span::kAll:
      break;
  }
  return LaneOf(entry_tag) != Lane::kReserved;
}

RuleBook::RuleBook(Policy policy) : policy_(std::move(policy)), keep_(LongestWindows(policy_)) {
  for (std::int64_t& keep : keep_) keep += kClockSetBack;
  for (unsigned i = 0; i < unsigned{kMostCategories} * kTrusts; ++i) {
    rules_.push_back(Make(static_cast<Category>(i / kTrusts), static_cast<Trust>(i % kTrusts)));
  }
}

const CategoryRules& RuleBook::For(Category category, Trust trust) const {
  const std::size_t number = std::min<std::size_t>(static_cast<std::size_t>(category), kMostCategories - 1);
  return rules_[number * kTrusts + static_cast<std::size_t>(trust)];
}

RuleSet RuleBook::Set(Kind kind) const {
  const bool of_mailbox = kind == Kind::kMailbox || kind == Kind::kUnconfirmed || kind == Kind::kWorkspace;
  const bool is_shared =
      kind == Kind::kDomain || kind == Kind::kSource || kind == Kind::kSourceNet || kind == Kind::kKey;
  return {.kind = kind,
          .rules = {},
          .keep = Keep(kind),
          .most = of_mailbox ? kMailboxEntries : kOtherEntries,
          .stretch = is_shared ? kSharedStretch : 0,
          .packed = {}};
}

void RuleBook::AddMailboxRules(CategoryRules& made, const Policy::PerCategory& own, bool confirmed) const {
  RuleSet& set = confirmed ? made.confirmed_mailbox : made.Of(Kind::kMailbox);
  const bool anonymous = made.lane == Lane::kAnonymous;
  if (made.lane == Lane::kTrusted) {
    const bool captcha = made.tag == TrustedTag(Trust::kCaptcha);
    AddRules(set, {captcha ? "captcha-mailbox" : "trusted-mailbox", "trusted", Span::kCategory},
             captcha ? policy_.captcha : policy_.trusted);
  } else {
    const std::string name = std::string(policy_.NameOf(own.category)) + "-mailbox";
    AddRules(set, {name, "mailbox", Span::kCategory, false, anonymous}, own.mailbox);
  }
  if (anonymous) {
    AddRules(set, {"umbrella-mailbox", "umbrella", Span::kLane, false, true},
             confirmed ? policy_.umbrella_confirmed : policy_.umbrella_unconfirmed);
    AddRules(set, {"attack-mailbox", "mailbox", Span::kLane, true}, policy_.attack.anonymous);
  }
  if (made.lane != Lane::kReserved) AddRules(set, {"all-mailbox", "all", Span::kAll}, policy_.all);
}

void RuleBook::AddOtherRules(CategoryRules& made, const Policy::PerCategory& own) const {
  const std::string name(policy_.NameOf(own.category));
  if (made.lane != Lane::kTrusted) {
    AddRules(made.Of(Kind::kUnconfirmed), {name + "-mailbox", "mailbox", Span::kCategory}, own.unconfirmed);
    AddRules(made.Of(Kind::kInviter), {name + "-inviter", "inviter", Span::kCategory}, own.inviter);
    AddRules(made.verified_inviter, {name + "-inviter", "inviter", Span::kCategory},
             own.inviter_verified.empty() ? own.inviter : own.inviter_verified);
    AddRules(made.Of(Kind::kWorkspace), {name + "-workspace", "workspace", Span::kCategory}, own.workspace);
  }
  if (made.lane == Lane::kAnonymous) {
    AddRules(made.Of(Kind::kFamily), {"umbrella-family", "family"}, policy_.family);
    AddRules(made.Of(Kind::kDomain), {"umbrella-domain", "domain"}, policy_.domain);
    AddRules(made.Of(Kind::kSource), {"umbrella-source", "source", Span::kLane, false, true}, policy_.source);
    AddRules(made.Of(Kind::kSourceNet), {"umbrella-source_net", "source", Span::kLane, false, true},
             policy_.source_net);
  }
  if (made.lane != Lane::kReserved) {
    // Who solves captchas for strangers must not use up what users of the same application may ask for either.
    const Span span = made.lane == Lane::kTrusted ? Span::kCategory : Span::kLane;
    AddRules(made.Of(Kind::kKey), {"new-key", "key", span}, policy_.key,
             made.lane == Lane::kApplication ? Mode::kShadow : Mode::kEnforce);
  }
}

CategoryRules RuleBook::Make(Category category, Trust trust) const {
  const Policy::PerCategory& own = policy_.For(category);
  CategoryRules made;
  made.category = own.category;
  made.lane = trust != Trust::kNone && own.trusted ? Lane::kTrusted : own.lane;
  made.tag = made.lane == Lane::kTrusted ? TrustedTag(trust) : Tag(own.category, made.lane);
  made.on_limit = own.on_limit;
  made.duplicate = std::chrono::milliseconds(own.duplicate).count();
  for (std::size_t i = 0; i < kKinds; ++i) made.by_kind[i] = Set(static_cast<Kind>(i));
  made.confirmed_mailbox = Set(Kind::kMailbox);
  made.verified_inviter = Set(Kind::kInviter);
  for (const bool confirmed : {false, true}) AddMailboxRules(made, own, confirmed);
  AddOtherRules(made, own);
  for (RuleSet& set : made.by_kind) Pack(set);
  Pack(made.confirmed_mailbox);
  Pack(made.verified_inviter);
  return made;
}

}  // namespace sealpost::ratelimit
