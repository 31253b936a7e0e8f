// A recipient's choices: one use case behind the page, the one-click POST and the API. A choice is effective before
// the next dial, because the in-memory set is changed in the same call that makes it durable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/base/token.h"
#include "mailer/store/database.h"
#include "mailer/store/topics.h"

namespace sealpost::recipients {

struct Subscription {  // what a token stands for
  std::string delivery_id;
  std::string topic_id;
  std::string topic_name;
  std::string mailbox;         // canonical
  std::string masked_address;  // "a***@example.com", for the page
  bool opted_out = false;
};

// Thread safe.
class Recipients {
 public:
  // Loads all choices and confirmations.
  static base::Result<std::unique_ptr<Recipients>> Load(store::Database& database, const base::TokenSigner& tokens,
                                                        const base::Clock& clock);
  ~Recipients();

  // What this mailbox chose for this topic; nothing if it never chose (the topic's default counts then).
  // From memory: cheap enough to be asked before every dial.
  std::optional<store::Choice> ChoiceOf(std::string_view topic_id, std::string_view mailbox) const;

  // Whether an application confirmed this mailbox in the last 13 months. From memory.
  bool IsConfirmed(std::string_view mailbox) const;
  // An application that may say so said that these proved themselves to it. Counts at once and is written soon after;
  // what a crash takes away is asserted again. Nothing a reader of a mail does comes here: scanners open every link.
  void Confirm(const std::vector<std::string>& mailboxes);

  // kNotFound for a token that is not ours, whatever is wrong with it.
  base::Result<Subscription> Look(std::string_view token);
  // Durable when it returns; idempotent. `source`: one_click or page.
  base::Result<Subscription> Unsubscribe(std::string_view token, std::string_view source);
  base::Result<Subscription> Resubscribe(std::string_view token);

 private:
  struct Impl;
  explicit Recipients(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::recipients
