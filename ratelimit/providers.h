// What is known of the mail providers that people have their private mailboxes at: which spellings of an address they
// deliver to one mailbox. Only documented behaviour stands here. Raise kProviderTableVersion (identity.h) with it: what
// it changes are the keys of counters.
#pragma once

#include <span>
#include <string_view>

namespace sealpost::ratelimit {

struct Provider {
  std::string_view name;
  std::span<const std::string_view> domains;  // sorted
  std::string_view one_domain = {};           // the name all its domains count under; empty: each is its own
  bool plus_tag = false;                      // "base+tag" is delivered to "base"
  std::string_view ignored = {};              // characters that make no difference
  // "base-keyword" is a disposable address. Its base is a name of its own, not the account's, so the account stays
  // unknown; all of one base count as one class, "base-*".
  bool hyphen_class = false;
  bool user_in_domain = false;  // anything@user.example is delivered to user@example
};

// The provider of a lower-case domain; null if it is not in the table.
const Provider* FindProvider(std::string_view domain);

// Domains where strangers have their mailboxes side by side, so that they share no budget: all of the table and other
// large free mailers.
bool IsFreemail(std::string_view domain);

}  // namespace sealpost::ratelimit
