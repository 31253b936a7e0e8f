#include <algorithm>

#include "dns/checks/dkim_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

bool HoldsKey(const SelectorView& view, const PublicKey& key) {
  return view.key && view.key->SameKey(key);
}

// Whose key it is instead, for people.
std::string FoundElsewhere(const std::vector<SelectorView>& views, const SelectorView& here) {
  for (const SelectorView& other : views)
    if (&other != &here && other.signer->key && HoldsKey(here, *other.signer->key))
      return " It is the key of selector " + other.signer->selector + ".";
  return "";
}

void Matched(Context& context, SelectorView& view) {
  if (!view.key->bare_pkcs1) return context.findings.Pass("DKIM-KEYMATCH", view.See("The key that we sign with."));
  Findings::Seen seen = view.See("The key that we sign with, in the PKCS#1 form, which not all verifiers read.");
  seen.fix = TxtFix(view.name, DkimRecordFor(*view.key));
  context.findings.Warn("DKIM-KEYMATCH", std::move(seen));
}

void Foreign(Context& context, SelectorView& view, std::string detail, std::optional<Fix> fix) {
  view.sound = false;
  Findings::Seen seen = view.See(std::move(detail));
  seen.fix = std::move(fix);
  context.findings.Fail("DKIM-KEYMATCH", std::move(seen));
}

// Keys without a word about selectors that stand nowhere yet.
std::vector<PublicKey> Unplaced(const Context& context, const std::vector<SelectorView>& views) {
  std::vector<PublicKey> keys;
  for (const PublicKey& key : context.sender.keys)
    if (std::ranges::none_of(views, [&](const SelectorView& view) { return HoldsKey(view, key); })) keys.push_back(key);
  return keys;
}

// What stands at a selector, if one record holds it.
std::optional<PublicKey> KeyAt(const Context& context, const Signer& signer) {
  const auto texts = Texts(context.Ask(signer.selector + "._domainkey." + signer.domain, Type::kTxt));
  if (texts.size() != 1) return std::nullopt;
  const auto record = ParseDkimRecord(texts.front());
  if (!record) return std::nullopt;
  const auto key = record->Key();
  return key ? std::optional(*key) : std::nullopt;
}

// Our key that belongs to this selector: every other one holds one of ours, and this is left.
std::optional<PublicKey> LeftFor(const Context& context, const Signer& here) {
  std::vector<PublicKey> left = context.sender.keys;
  for (const Signer& other : context.sender.signers) {
    if (&other == &here || other.key) continue;
    const auto key = KeyAt(context, other);
    if (!key || std::erase_if(left, [&](const PublicKey& ours) { return ours.SameKey(*key); }) == 0)
      return std::nullopt;
  }
  return left.size() == 1 ? std::optional(left.front()) : std::nullopt;
}

std::optional<Fix> FixWithOnly(const SelectorView& view, const std::vector<PublicKey>& unplaced) {
  if (unplaced.size() != 1) return std::nullopt;
  return TxtFix(view.name, DkimRecordFor(unplaced.front()));
}

// A selector that was given without its key, held against all of ours.
void MatchAny(Context& context, SelectorView& view, const std::vector<PublicKey>& unplaced) {
  const std::vector<PublicKey>& keys = context.sender.keys;
  if (keys.empty()) {
    return context.findings.Info(
        "DKIM-KEYMATCH", view.See("A sound key; whether mail is signed with it cannot be told without --dkim-key."));
  }
  if (std::ranges::any_of(keys, [&](const PublicKey& key) { return HoldsKey(view, key); }))
    return Matched(context, view);
  Foreign(context, view, "The published key is none of those given.", FixWithOnly(view, unplaced));
}

void CheckMatch(Context& context, std::vector<SelectorView>& views) {
  const std::vector<PublicKey> unplaced = Unplaced(context, views);
  for (SelectorView& view : views) {
    if (!view.key) continue;
    if (!view.signer->key) {
      MatchAny(context, view, unplaced);
    } else if (HoldsKey(view, *view.signer->key)) {
      Matched(context, view);
    } else {
      Foreign(context, view, "The published key is not the one we sign with." + FoundElsewhere(views, view),
              KeyFix(context, view));
    }
  }
  // A selector that could not be read, or holds a foreign key, is where the missing one belongs, and has its finding.
  const bool all_read = std::ranges::all_of(views, [](const SelectorView& view) { return view.key.has_value(); });
  if (views.empty() || !all_read || context.findings.Failed("DKIM-KEYMATCH")) return;
  for (const PublicKey& key : unplaced) {
    const std::string kind = key.type == KeyType::kRsa ? std::to_string(key.bits) + "-bit RSA" : "Ed25519";
    context.findings.Fail("DKIM-KEYMATCH",
                          {.name = views.front().signer->domain,
                           .detail = "A given " + kind + " key stands at none of the selectors looked at.",
                           .remedy = "Publish \"" + DkimRecordFor(key) + "\" at the selector that it signs with."});
  }
}

// What a selector is meant to hold, even where its record is broken; nothing if nobody can say.
std::optional<KeyType> KindOf(const SelectorView& view) {
  if (view.signer->key) return view.signer->key->type;
  if (view.key) return view.key->type;
  return std::nullopt;
}

void CheckTwin(Context& context, const std::vector<SelectorView>& views) {
  std::vector<std::string> judged;
  for (const SelectorView& view : views) {
    const std::string& domain = view.signer->domain;
    if (!view.key || std::ranges::find(judged, domain) != judged.end()) continue;
    judged.push_back(domain);
    const bool only = std::ranges::all_of(views, [&](const SelectorView& other) {
      return other.signer->domain != domain || KindOf(other) == KeyType::kEd25519;
    });
    if (only) {
      context.findings.Warn("DKIM-EDONLY",
                            view.See("No selector of " + domain + " that was looked at has an RSA key."));
    } else {
      context.findings.Pass("DKIM-EDONLY", {.name = domain});
    }
  }
}

void CheckSharing(Context& context, const std::vector<SelectorView>& views) {
  bool shared = false;
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::string &a = views[i].signer->domain, &b = views[j].signer->domain;
      if (IsWithin(a, b) || IsWithin(b, a) || !views[j].key || !HoldsKey(views[i], *views[j].key)) continue;
      shared = true;
      context.findings.Warn("DKIM-DUP", views[i].See("The same key stands at " + views[j].name + "."));
      break;
    }
  }
  if (!shared && !views.empty()) context.findings.Pass("DKIM-DUP", {.name = views.front().signer->domain});
}

}  // namespace

std::optional<Fix> KeyFix(const Context& context, const SelectorView& view) {
  if (view.signer->key) return TxtFix(view.name, DkimRecordFor(*view.signer->key));
  const auto key = LeftFor(context, *view.signer);
  return key ? std::optional(TxtFix(view.name, DkimRecordFor(*key))) : std::nullopt;
}

void CheckKeys(Context& context, std::vector<SelectorView>& views) {
  CheckMatch(context, views);
  CheckTwin(context, views);
  CheckSharing(context, views);
}

}  // namespace sealpost::dns
