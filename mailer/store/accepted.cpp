#include "mailer/store/accepted.h"

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <system_error>
#include <utility>

#include "mailer/model/email.h"
#include "mailer/store/email_details.h"
#include "mailer/store/session.h"

namespace sealpost::store {

namespace {

// Ids begin with their time and sort by it, so that neither another index nor a whole scan is needed. They are made a
// moment before created_at is taken, or at the same time.
std::string FirstIdAt(base::Time time) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(12, '0');
  auto millis = static_cast<std::uint64_t>(base::ToMillis(time));
  for (std::size_t i = id.size(); i-- > 0; millis >>= 4) id[i] = kDigits[millis & 15];
  return id.insert(8, "-");
}

struct PagePlace {
  std::int64_t millis = std::numeric_limits<std::int64_t>::max();
  std::string_view id;
};

// "1767225600000 0190f3c2-..."; an empty text stands after everything.
PagePlace ReadPlace(std::string_view text) {
  PagePlace place;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place.millis);
  if (error == std::errc()) place.id = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
  return place;
}

// The columns of an accepted delivery: id, mailbox, category, when, and the email's details.
constexpr std::initializer_list<Column> kAccepted = {Column::kText, Column::kText, Column::kText, Column::kNumber,
                                                     Column::kText};

AcceptedDelivery ReadAccepted(const Rows& rows, std::size_t row, const model::Extras& extras) {
  return {rows.Text(row, 0), rows.Text(row, 1),         rows.Text(row, 2), base::FromMillis(rows.Number(row, 3)),
          extras.trust,      extras.recipient_confirmed};
}

}  // namespace

base::Result<AcceptedPage> AcceptedBefore(Session& session, std::string_view before, base::Time since,
                                          std::size_t emails) {
  // "g" comes after every id.
  auto rows = session.Select(
      "SELECT e.id, d.mailbox, e.category, e.created_at, e.details FROM emails e LEFT JOIN deliveries d"
      " ON d.email_id = e.id AND d.held_by = '' AND d.let_out_at IS NULL AND d.state NOT IN ('suppressed', 'canceled')"
      " AND (d.state <> 'failed' OR d.attempts > 0)"
      " WHERE e.id IN (SELECT id FROM emails WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3)"
      " ORDER BY e.id DESC",
      kAccepted,
      {before.empty() ? std::string_view("g") : before, FirstIdAt(since), static_cast<std::int64_t>(emails)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  AcceptedPage page;
  std::size_t seen = 0;
  model::Email email;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    if (rows->Text(row, 0) != email.id) {
      email = {};
      email.id = rows->Text(row, 0);
      ++seen;
      if (auto read = ReadDetails(rows->Text(row, 4), email); !read) return std::unexpected(std::move(read.error()));
    }
    if (!rows->Text(row, 1).empty()) page.deliveries.push_back(ReadAccepted(*rows, row, email.extras));
  }
  if (seen == emails) page.next = email.id;
  return page;
}

base::Result<AcceptedPage> LetOutBefore(Session& session, std::string_view before, base::Time since,
                                        std::size_t count) {
  const PagePlace place = ReadPlace(before);
  auto rows = session.Select(
      "SELECT d.id, d.mailbox, e.category, d.let_out_at, e.details FROM deliveries d JOIN emails e ON e.id = d.email_id"
      " WHERE d.let_out_at >= $1 AND d.let_out_at <= $2 AND (d.let_out_at, d.id) < ($3, $4)"
      " AND d.held_by = '' AND d.state NOT IN ('suppressed', 'canceled') AND (d.state <> 'failed' OR d.attempts > 0)"
      " ORDER BY d.let_out_at DESC, d.id DESC LIMIT $5",
      kAccepted, {base::ToMillis(since), place.millis, place.millis, place.id, static_cast<std::int64_t>(count)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  AcceptedPage page;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    model::Email email;
    if (auto read = ReadDetails(rows->Text(row, 4), email); !read) return std::unexpected(std::move(read.error()));
    page.deliveries.push_back(ReadAccepted(*rows, row, email.extras));
    page.next = std::to_string(rows->Number(row, 3)) + " " + rows->Text(row, 0);
  }
  if (rows->Size() < count) page.next.clear();
  return page;
}

base::Result<std::vector<model::Address>> DeliveredTo(Session& session, std::string_view mailbox, base::Time since,
                                                      std::size_t limit) {
  auto rows = session.Select(
      "SELECT recipient FROM deliveries WHERE id >= $1 AND mailbox = $2 AND state IN ('sent', 'delivered')"
      " ORDER BY id DESC LIMIT $3",
      {Column::kText}, {FirstIdAt(since), mailbox, static_cast<std::int64_t>(limit)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::Address> addresses;
  for (std::size_t row = 0; row < rows->Size(); ++row) addresses.push_back(SplitAddress(rows->Text(row, 0)));
  return addresses;
}

}  // namespace sealpost::store
