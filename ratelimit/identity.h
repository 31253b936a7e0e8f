// Which mailbox an address belongs to: keys for counting (and for opt-outs), never for delivery, which uses what
// was typed. Provider rules are a small versioned table (identity.cpp). A false merge costs a shared budget, a
// missed merge costs the promise, so only documented provider behaviour folds.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::ratelimit {

inline constexpr int kProviderTableVersion = 1;

struct Identity {
  std::string mailbox;        // canonical mailbox, "local@domain": one counter for all its spellings
  std::string family;         // the mailbox with every tag removed, for looser rules
  std::string normalised_by;  // "gmail", "outlook", "plus", ..., "none": which rule was applied
};

// `local` and `domain` are the two halves of a valid address; the domain is a lower-case A-label.
// Pure. Local parts: unquoted, lower-cased (Unicode case fold for EAI), folded by the provider's rule, and quoted again
// only where they have to be.
Identity Identify(std::string_view local, std::string_view domain);

// Keyed hash of a canonical mailbox for stores and logs: the first 128 bits of HMAC-SHA-256 as base64url, 22
// characters. A plain hash of an address could be guessed.
std::string MailboxKey(std::string_view secret, std::string_view mailbox);

}  // namespace sealpost::ratelimit
