// Topics and who opted out of them in the store. Opt-outs are kept by canonical mailbox.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/model/account.h"
#include "mailer/store/database.h"

namespace sealpost::store {

base::Result<void> InsertTopic(Session& session, const model::Topic& topic);
base::Result<model::Topic> FindTopic(Session& session, std::string_view id);
base::Result<std::vector<model::Topic>> ListTopics(Session& session, std::string_view before, std::size_t limit);

enum class Choice { kOptIn, kOptOut };
// Idempotent: the latest choice counts. `source`: one_click, page, api.
base::Result<void> SetChoice(Session& session, std::string_view topic_id, std::string_view mailbox, Choice choice,
                             std::string_view source, base::Time at);
// Nothing if the mailbox never chose.
base::Result<std::optional<Choice>> FindChoice(Session& session, std::string_view topic_id, std::string_view mailbox);
// All choices, for a cache at start: (topic_id, mailbox, choice).
struct StoredChoice {
  std::string topic_id, mailbox;
  Choice choice;
};
base::Result<std::vector<StoredChoice>> AllChoices(Session& session);

}  // namespace sealpost::store
