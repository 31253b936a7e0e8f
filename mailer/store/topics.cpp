#include "mailer/store/topics.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::FromMillis;
using base::Result;
using base::ToMillis;

namespace {

constexpr auto kTopicColumns = {Column::kText, Column::kText, Column::kText,
                                Column::kText, Column::kText, Column::kNumber};

model::Topic ReadTopic(const Rows& rows, std::size_t row) {
  return {rows.Text(row, 0), rows.Text(row, 1), rows.Text(row, 2),
          rows.Text(row, 3), rows.Text(row, 4), FromMillis(rows.Number(row, 5))};
}

std::string_view ChoiceName(Choice choice) {
  return choice == Choice::kOptOut ? "opt_out" : "opt_in";
}

// A word this program does not know counts as the recipient's "no".
Choice ParseChoice(std::string_view name) {
  return name == "opt_in" ? Choice::kOptIn : Choice::kOptOut;
}

}  // namespace

Result<void> InsertTopic(Session& session, const model::Topic& topic) {
  auto inserted = session.Execute(
      "INSERT INTO topics (id, name, description, default_subscription, visibility, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {topic.id, topic.name, topic.description, topic.default_subscription, topic.visibility,
       ToMillis(topic.created_at)});
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  return {};
}

Result<model::Topic> FindTopic(Session& session, std::string_view id) {
  auto rows = session.Select(
      "SELECT id, name, description, default_subscription, visibility, created_at FROM topics WHERE id = $1",
      kTopicColumns, {id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return Fail(ErrorKind::kNotFound, "there is no topic with this id", "topic_id");
  return ReadTopic(*rows, 0);
}

Result<std::vector<model::Topic>> ListTopics(Session& session, std::string_view before, std::size_t limit) {
  auto rows = session.Select(
      "SELECT id, name, description, default_subscription, visibility, created_at FROM topics"
      " WHERE $1 = '' OR id < $2 ORDER BY id DESC LIMIT $3",
      kTopicColumns, {before, before, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX))});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::Topic> topics;
  for (std::size_t row = 0; row < rows->Size(); ++row) topics.push_back(ReadTopic(*rows, row));
  return topics;
}

Result<void> SetChoice(Session& session, std::string_view topic_id, std::string_view mailbox, Choice choice,
                       std::string_view source, base::Time at) {
  auto set = session.Execute(
      "INSERT INTO choices (topic_id, mailbox, choice, source, at) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (topic_id, mailbox) DO UPDATE SET choice = excluded.choice, source = excluded.source,"
      " at = excluded.at WHERE excluded.at >= choices.at",
      {topic_id, mailbox, ChoiceName(choice), source, ToMillis(at)});
  if (!set) return std::unexpected(std::move(set.error()));
  return {};
}

Result<std::optional<Choice>> FindChoice(Session& session, std::string_view topic_id, std::string_view mailbox) {
  auto rows = session.Select("SELECT choice FROM choices WHERE topic_id = $1 AND mailbox = $2", {Column::kText},
                             {topic_id, mailbox});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return std::nullopt;
  return ParseChoice(rows->Text(0, 0));
}

Result<std::vector<StoredChoice>> AllChoices(Session& session) {
  auto rows = session.Select("SELECT topic_id, mailbox, choice FROM choices ORDER BY topic_id, mailbox",
                             {Column::kText, Column::kText, Column::kText});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<StoredChoice> choices;
  choices.reserve(rows->Size());
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    choices.push_back({rows->Text(row, 0), rows->Text(row, 1), ParseChoice(rows->Text(row, 2))});
  }
  return choices;
}

}  // namespace sealpost::store
