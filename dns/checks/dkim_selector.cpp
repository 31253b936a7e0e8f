#include <algorithm>

#include "dns/checks/dkim_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

void Fault(Context& context, SelectorView& view, std::string_view id, std::string detail, std::optional<Fix> fix) {
  view.sound = false;
  Findings::Seen seen = view.See(std::move(detail));
  seen.fix = std::move(fix);
  context.findings.Fail(id, std::move(seen));
}

bool Circular(const std::vector<std::string>& aliases, const std::string& name) {
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    if (SameName(aliases[i], name)) return true;
    for (std::size_t j = 0; j < i; ++j)
      if (SameName(aliases[i], aliases[j])) return true;
  }
  return false;
}

bool Known(const Context& context, const Signer& signer, std::string_view target) {
  return IsWithin(target, signer.domain) || IsWithin(target, context.sender.domain) ||
         IsWithin(target, context.ReturnPath());
}

// True if the answer leaves something to read.
bool CheckKeyAlias(Context& context, SelectorView& view) {
  const std::vector<std::string>& aliases = view.answer.aliases;
  if (aliases.empty()) return true;
  const std::string& target = aliases.back();
  if (Circular(aliases, view.name)) {
    Fault(context, view, "DKIM-CNAME", "The alias leads in a circle, by way of " + target + ".", KeyFix(context, view));
    return false;
  }
  if (view.answer.Void()) {
    const bool gone = view.answer.status == Status::kNxDomain;
    Fault(context, view, "DKIM-CNAME",
          "The alias leads to " + target + (gone ? ", which does not exist." : ", where no TXT record stands."),
          KeyFix(context, view));
    return false;
  }
  if (!view.answer.Told()) return true;
  if (Known(context, *view.signer, target)) {
    context.findings.Pass("DKIM-CNAME", view.See("The alias leads to " + target + "."));
  } else {
    context.findings.Info("DKIM-CNAME",
                          view.See("The alias leads to " + target +
                                   ", outside the sender's zones: whoever runs that zone decides on the key."));
  }
  return true;
}

void NoKeyRecord(Context& context, SelectorView& view) {
  std::string detail =
      view.answer.status == Status::kNxDomain ? "The name does not exist." : "The name exists, but has no TXT record.";
  const std::string appended = view.name + "." + view.signer->domain;
  if (IsQueryable(appended) && context.Ask(appended, Type::kTxt).status == Status::kAnswer) {
    detail += " A record stands at " + appended + ": the zone was appended to the full name.";
  }
  Fault(context, view, "DKIM-NONE", detail, KeyFix(context, view));
}

// The one of several that works, if only one does.
std::optional<Fix> OnlySound(const SelectorView& view, const std::vector<std::string>& texts) {
  std::vector<std::string> sound;
  for (const std::string& text : texts) {
    const auto record = ParseDkimRecord(text);
    if (record && record->Key()) sound.push_back(text);
  }
  if (sound.size() != 1) return std::nullopt;
  return TxtFix(view.name, sound.front());
}

// A tag less, or its value another; the rest of the record as it was.
std::string WithTag(const std::string& text, std::string_view name, const std::string& value) {
  const auto tags = ParseTagList(text);
  if (!tags) return "";
  std::string edited;
  for (const Tag& tag : tags->tags()) {
    const std::string& kept = tag.name == name ? value : tag.value;
    if (!kept.empty()) edited += (edited.empty() ? "" : "; ") + tag.name + "=" + kept;
  }
  return edited;
}

// The record with all its tags as they must be, so that the fixes of several findings agree; ours in the place of
// another key.
std::optional<Fix> SoundKeyFix(const Context& context, const SelectorView& view) {
  auto ours = KeyFix(context, view);
  if (ours && !(view.key && ours->value == DkimRecordFor(*view.key))) return ours;
  const DkimRecord& record = *view.record;
  std::string text = view.text;
  const std::string type = Lower(record.key_type);
  if (type != record.key_type) text = WithTag(text, "k", type);
  if (!record.AllowsSha256()) text = WithTag(text, "h", "");
  if (!record.ForEmail()) text = WithTag(text, "s", "");
  const bool strict = record.strict_identity && !context.sender.identity_below;
  if (record.testing || strict != record.strict_identity) text = WithTag(text, "t", strict ? "s" : "");
  return text.empty() ? std::nullopt : std::optional(TxtFix(view.name, text));
}

// Quotes and backslashes that a panel took for data.
std::optional<Fix> Cleaned(const SelectorView& view) {
  std::string text = view.text;
  std::erase_if(text, [](char c) { return c == '"' || c == '\\'; });
  const auto record = ParseDkimRecord(text);
  if (!record || !record->Key()) return std::nullopt;
  return TxtFix(view.name, text);
}

bool Read(Context& context, SelectorView& view) {
  auto parsed = ParseDkimRecord(view.text);
  if (!parsed) {
    const std::optional<Fix> ours = KeyFix(context, view);
    Fault(context, view, "DKIM-SYNTAX",
          "Column " + std::to_string(parsed.error().column) + ": " + parsed.error().message + ".",
          ours ? ours : Cleaned(view));
    return false;
  }
  context.findings.Pass("DKIM-SYNTAX", view.See(""));
  if (parsed->revoked) {
    Fault(context, view, "DKIM-REVOKED", "p= is empty: every signature with this selector fails.", std::nullopt);
    return false;
  }
  context.findings.Pass("DKIM-REVOKED", {.name = view.name});
  view.record = std::move(*parsed);
  return true;
}

std::string CutHint(const SelectorView& view) {
  constexpr std::size_t kStringLimit = 255;
  if (view.text.size() != kStringLimit && view.record->published.size() != kStringLimit) return "";
  return " It ends at 255 characters, the limit of one string: the rest was lost.";
}

void Decode(Context& context, SelectorView& view) {
  const DkimRecord& record = *view.record;
  const std::optional<Fix> ours = KeyFix(context, view);
  auto key = record.Key();
  if (key) {
    view.key = std::move(*key);
    return context.findings.Pass("DKIM-BASE64", {.name = view.name});
  }
  if (record.key_type != "rsa" && record.key_type != "ed25519") {
    const std::string lower = Lower(record.key_type);
    if (lower != "rsa" && lower != "ed25519") {
      return Fault(context, view, "DKIM-ALG", "k=" + record.key_type + " is no kind of key that verifiers know.", ours);
    }
    return Fault(context, view, "DKIM-ALG",
                 "k=" + record.key_type + " is not k=" + lower + ": verifiers compare the case too (RFC 6376 3.2).",
                 SoundKeyFix(context, view));
  }
  const bool rsa = record.key_type == "rsa";
  if (ReadPublishedKey(record.published, rsa ? KeyType::kEd25519 : KeyType::kRsa)) {
    const std::string other = rsa ? "ed25519" : "rsa";
    const std::string detail = "The key is of the kind " + other + ", and the record says k=" + record.key_type + ".";
    std::string text = WithTag(view.text, "k", other);
    if (rsa && !text.contains("k=")) text += "; k=ed25519";
    return Fault(context, view, "DKIM-ALG", detail, ours ? *ours : TxtFix(view.name, text));
  }
  Fault(context, view, "DKIM-BASE64", "p= holds no whole key: " + key.error() + "." + CutHint(view), ours);
}

void CheckStrength(Context& context, SelectorView& view) {
  constexpr std::size_t kLeast = 1024, kAdvised = 2048, kMost = 4096;
  const PublicKey& key = *view.key;
  if (key.type != KeyType::kRsa) return context.findings.Pass("DKIM-WEAK", {.name = view.name, .detail = "Ed25519."});
  const std::string bits = "RSA with " + std::to_string(key.bits) + " bits";
  // An even exponent has no inverse and 1 encrypts nothing; 0 stands for one too large to read.
  const bool odd_exponent = key.exponent == 0 || (key.exponent % 2 == 1 && key.exponent > 1);
  if (key.bits < kLeast) {
    Fault(context, view, "DKIM-WEAK", bits + ": verifiers must not accept it.", std::nullopt);
  } else if (!odd_exponent) {
    Fault(context, view, "DKIM-WEAK", "The exponent " + std::to_string(key.exponent) + " cannot be.", std::nullopt);
  } else if (key.bits < kAdvised) {
    context.findings.Warn("DKIM-WEAK", view.See(bits + "; 2048 are advised."));
  } else if (key.bits > kMost) {
    context.findings.Warn("DKIM-WEAK", view.See(bits + ": verifiers need not try more than 4096."));
  } else {
    context.findings.Pass("DKIM-WEAK", {.name = view.name, .detail = bits + "."});
  }
}

void CheckTags(Context& context, SelectorView& view) {
  const DkimRecord& record = *view.record;
  Findings& findings = context.findings;
  if (!record.AllowsSha256()) {
    Fault(context, view, "DKIM-ALG", "h= does not hold sha256, the hash that mail is signed with.",
          SoundKeyFix(context, view));
  } else if (view.key) {
    findings.Pass("DKIM-ALG", {.name = view.name});
  }
  if (record.ForEmail()) {
    findings.Pass("DKIM-SERVICE", {.name = view.name});
  } else {
    Fault(context, view, "DKIM-SERVICE", "s= names neither * nor email.", SoundKeyFix(context, view));
  }
  if (record.testing) {
    Findings::Seen seen = view.See("t=y: the key says of itself that it is a trial.");
    seen.fix = SoundKeyFix(context, view);
    findings.Warn("DKIM-TEST", std::move(seen));
  } else {
    findings.Pass("DKIM-TEST", {.name = view.name});
  }
  if (record.strict_identity && context.sender.identity_below) {
    Fault(context, view, "DKIM-STRICT-I",
          "t=s is set, and mail is signed with an i= below " + view.signer->domain + ".", SoundKeyFix(context, view));
  } else {
    findings.Pass("DKIM-STRICT-I", {.name = view.name});
  }
}

}  // namespace

Findings::Seen SelectorView::See(std::string detail) const {
  return {.name = name, .records = Raw(answer), .detail = std::move(detail)};
}

SelectorView CheckSelector(Context& context, const Signer& signer) {
  SelectorView view;
  view.signer = &signer;
  view.name = signer.selector + "._domainkey." + signer.domain;
  view.answer = context.Ask(view.name, Type::kTxt);
  if (!CheckKeyAlias(context, view)) return view;
  if (!view.answer.Told()) {
    view.sound = false;
    context.findings.Unknown("DKIM-NONE", {.name = view.name, .detail = Trouble(view.answer, view.name) + "."});
    return view;
  }
  const std::vector<std::string> texts = Texts(view.answer);
  if (texts.empty()) {
    NoKeyRecord(context, view);
    return view;
  }
  context.findings.Pass("DKIM-NONE", view.See(""));
  if (texts.size() > 1) {
    const std::optional<Fix> ours = KeyFix(context, view);
    Fault(context, view, "DKIM-MULTI", std::to_string(texts.size()) + " TXT records stand at the selector.",
          ours ? ours : OnlySound(view, texts));
    return view;
  }
  context.findings.Pass("DKIM-MULTI", {.name = view.name});
  view.text = texts.front();
  if (!Read(context, view)) return view;
  Decode(context, view);
  if (view.key) CheckStrength(context, view);
  CheckTags(context, view);
  return view;
}

}  // namespace sealpost::dns
