#include "api/dev/inbox_store.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "api/dev/header_text.h"
#include "api/dev/mime.h"
#include "mailer/base/files.h"
#include "mailer/base/id.h"
#include "mailer/base/json.h"
#include "mailer/model/address.h"

namespace sealpost::dev {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRawBytes = 80u << 20;  // above what the SMTP server lets in
constexpr std::size_t kFactsBytes = 1u << 20;

std::string FromDomain(std::string_view from) {
  const auto mailbox = model::ParseMailbox(from);
  if (mailbox) return mailbox->address.domain;
  // Names in odd quoting and the like: the domain is behind the last @ all the same.
  const std::size_t at = from.rfind('@');
  if (at == std::string_view::npos) return "";
  const auto domain = model::ToAsciiDomain(from.substr(at + 1, from.find_first_of("> \t,", at) - at - 1));
  return domain.value_or("");
}

std::string ToJson(const CaughtMail& mail) {
  base::JsonWriter json;
  json.BeginObject().Key("id").String(mail.id).Key("received_at").String(base::ToRfc3339(mail.received_at));
  json.Key("mail_from").String(mail.mail_from).Key("recipients").BeginArray();
  for (const std::string& recipient : mail.recipients) json.String(recipient);
  json.EndArray().Key("peer").String(mail.peer).Key("helo").String(mail.helo).Key("tls").String(mail.tls);
  json.Key("from").String(mail.from).Key("subject").String(mail.subject);
  json.Key("from_domain").String(mail.from_domain).EndObject();
  return json.Take();
}

std::optional<CaughtMail> FromJson(const std::string& text) {
  const auto document = base::JsonDocument::Parse(text);
  if (!document) return std::nullopt;
  const base::JsonView root = document->Root();
  const auto member = [&](std::string_view name) { return std::string(root[name].String().value_or("")); };
  const auto received_at = base::FromRfc3339(member("received_at"));
  if (!received_at || !base::IsId(member("id"))) return std::nullopt;
  CaughtMail mail{.id = member("id"),
                  .received_at = *received_at,
                  .mail_from = member("mail_from"),
                  .recipients = {},
                  .peer = member("peer"),
                  .helo = member("helo"),
                  .tls = member("tls"),
                  .from = member("from"),
                  .subject = member("subject"),
                  .from_domain = member("from_domain")};
  root["recipients"].ForEachElement([&](std::size_t, base::JsonView element) {
    mail.recipients.emplace_back(element.String().value_or(""));
    return true;
  });
  return mail;
}

}  // namespace

InboxStore::InboxStore(std::string folder, const base::Clock& clock, std::size_t most)
    : folder_(std::move(folder)), clock_(clock), most_(most) {}

base::Result<std::unique_ptr<InboxStore>> InboxStore::Open(const std::string& folder, const base::Clock& clock,
                                                           std::size_t most) {
  if (const auto made = base::MakeFolder(folder); !made) return std::unexpected(made.error());
  std::unique_ptr<InboxStore> store(new InboxStore(folder, clock, most));
  store->Load();
  return store;
}

std::string InboxStore::PathOf(std::string_view id, std::string_view ending) const {
  return folder_ + "/" + std::string(id) + std::string(ending);
}

void InboxStore::Load() {
  std::set<std::string> known;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().extension() != ".json") continue;
    const auto text = base::ReadFile(entry.path(), kFactsBytes);
    std::optional<CaughtMail> mail = text ? FromJson(*text) : std::nullopt;
    if (!mail || entry.path().stem() != mail->id || !fs::exists(PathOf(mail->id, ".eml"), ignored)) continue;
    known.insert(mail->id);
    mails_.push_back(std::move(*mail));
  }
  std::ranges::sort(mails_, {}, [](const CaughtMail& mail) { return std::pair(mail.received_at, mail.id); });

  // A message without its facts was never acknowledged: its sender will bring it again. Names that we never write
  // (a note somebody left there) stay.
  std::vector<fs::path> left_over;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename();
    const std::string id = name.substr(0, name.find('.'));
    if (base::IsId(id) && !known.contains(id)) left_over.push_back(entry.path());
  }
  for (const fs::path& path : left_over) fs::remove(path, ignored);
}

base::Result<CaughtMail> InboxStore::Add(const smtpd::Session& session, const std::string& raw) {
  const Mail head = ReadHead(raw);
  CaughtMail mail{.id = {},
                  .received_at = clock_.Now(),
                  .mail_from = session.mail_from,
                  .recipients = session.recipients,
                  .peer = session.peer,
                  .helo = session.helo,
                  .tls = session.tls,
                  .from = DecodeWords(head.Field("From")),
                  .subject = DecodeWords(head.Field("Subject")),
                  .from_domain = FromDomain(head.Field("From"))};
  mail.id = base::NewId(mail.received_at);
  // The facts last: a mail counts only when they are there.
  if (const auto written = base::WriteFile(PathOf(mail.id, ".eml"), raw); !written) {
    return std::unexpected(written.error());
  }
  if (const auto written = base::WriteFile(PathOf(mail.id, ".json"), ToJson(mail)); !written) {
    std::error_code ignored;
    fs::remove(PathOf(mail.id, ".eml"), ignored);
    return std::unexpected(written.error());
  }
  const std::lock_guard lock(mutex_);
  mails_.push_back(mail);
  while (mails_.size() > most_) {
    Remove(mails_.front());
    mails_.pop_front();
  }
  changed_.notify_all();
  return mail;
}

void InboxStore::Remove(const CaughtMail& mail) const {
  std::error_code ignored;
  fs::remove(PathOf(mail.id, ".json"), ignored);
  fs::remove(PathOf(mail.id, ".eml"), ignored);
}

std::vector<CaughtMail> InboxStore::Select(const InboxQuery& query) const {
  auto begin = std::ranges::find(mails_, query.after, &CaughtMail::id);
  if (begin != mails_.end()) {
    ++begin;
  } else {
    // No mail of that name (deleted, perhaps): identifiers carry their time, so the later ones are behind it.
    begin = std::ranges::find_if(mails_, [&](const CaughtMail& mail) { return mail.id > query.after; });
  }
  std::vector<CaughtMail> found;
  std::copy_if(begin, mails_.end(), std::back_inserter(found), [&](const CaughtMail& mail) {
    return query.to.empty() || std::ranges::any_of(mail.recipients, [&](const std::string& recipient) {
             return EqualsIgnoringCase(recipient, query.to);
           });
  });
  return found;
}

std::vector<CaughtMail> InboxStore::List(const InboxQuery& query) const {
  const std::lock_guard lock(mutex_);
  return Select(query);
}

std::vector<CaughtMail> InboxStore::WaitFor(const InboxQuery& query, std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  std::vector<CaughtMail> found;
  changed_.wait_for(lock, time, [&] {
    found = Select(query);
    return !found.empty() || !waiting_allowed_;
  });
  return found;
}

std::optional<CaughtMail> InboxStore::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(mails_, id, &CaughtMail::id);
  return found == mails_.end() ? std::nullopt : std::optional(*found);
}

base::Result<std::string> InboxStore::Raw(std::string_view id) const {
  // Only names from our own list become paths.
  const std::optional<CaughtMail> mail = Find(id);
  if (!mail) return base::Fail(base::ErrorKind::kNotFound, "There is no such mail in the inbox.");
  return base::ReadFile(PathOf(mail->id, ".eml"), kRawBytes);
}

std::vector<std::string> InboxStore::FromDomains() const {
  std::set<std::string> domains;
  const std::lock_guard lock(mutex_);
  for (const CaughtMail& mail : mails_) {
    if (!mail.from_domain.empty()) domains.insert(mail.from_domain);
  }
  return {domains.begin(), domains.end()};
}

std::size_t InboxStore::Clear() {
  const std::lock_guard lock(mutex_);
  for (const CaughtMail& mail : mails_) Remove(mail);
  return std::exchange(mails_, {}).size();
}

void InboxStore::StopWaiting() {
  const std::lock_guard lock(mutex_);
  waiting_allowed_ = false;
  changed_.notify_all();
}

}  // namespace sealpost::dev
