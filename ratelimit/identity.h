// Which mailbox an address belongs to: keys for counting (and for opt-outs), never for delivery, which uses what
// was typed. Provider rules are a small versioned table (providers.h). A false merge costs a shared budget, a
// missed merge costs the promise, so only documented provider behaviour folds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::ratelimit {

inline constexpr int kProviderTableVersion = 2;

struct Identity {
  std::string mailbox;        // canonical mailbox, "local@domain": one counter for all its spellings
  std::string family;         // the mailbox with every tag removed, for looser rules
  std::string normalised_by;  // "gmail", "outlook", ..., "operator", "none": which rule was applied
  std::string domain_budget;  // the domain whose unconfirmed mailboxes share a budget; empty: exempt
};

// What an operator says of one domain.
enum class Spelling { kCounts, kIgnored };
struct DomainRule {
  std::string domain;                 // lower-case A-label
  std::optional<Spelling> plus = {};  // whether "base+tag" is another mailbox than "base"
  std::optional<Spelling> dots = {};  // whether "j.doe" is another than "jdoe"
  std::string same_as = {};           // the same mailboxes as at this domain, by its table's rule
  bool no_domain_budget = false;      // such as a domain that one's own users are invited to
};
struct IdentityRules {
  std::vector<DomainRule> domains = {};
  // Which part of a lower-case A-label was registered: "example.co.uk" of "shop.example.co.uk", the name itself where
  // it is a public suffix. Thread safe. Empty: each name stands for itself.
  std::function<std::string(std::string_view)> registered_part = {};
};

// `local` and `domain` are the two halves of a valid address; the domain is a lower-case A-label.
// Pure. Local parts: unquoted, lower-cased (Unicode case fold for EAI), folded by the provider's rule, and quoted again
// only where they have to be.
//
// The domain of the budget is the registered part of the domain as it stands, or of what an operator, or a provider
// with tags in its subdomains, makes of it: whoever takes mail for all subdomains of a name gets one budget. Free
// mailers are exempt; what hangs below one is its customers', each label a budget of its own. An operator's exemption
// holds for the name and, where that is the registered part, for all below it. The family keeps the name as it stands:
// who may choose the subdomain may choose the local part as well, and the domain's budget bounds both.
Identity Identify(std::string_view local, std::string_view domain, const IdentityRules& rules);
Identity Identify(std::string_view local, std::string_view domain);

// Keyed hash of a canonical mailbox for stores and logs: the first 128 bits of HMAC-SHA-256 as base64url, 22
// characters. A plain hash of an address could be guessed.
std::string MailboxKey(std::string_view secret, std::string_view mailbox);

}  // namespace sealpost::ratelimit
