#include "api/dev/catcher.h"

#include <algorithm>
#include <utility>

#include "api/dev/header_text.h"
#include "mailer/base/ascii.h"

namespace sealpost::dev {
namespace {

constexpr std::string_view kSimulator = "@simulator.sealpost.test";
constexpr std::size_t kMostDelayed = 100'000;

// "bounced" of bounced+anything@simulator.sealpost.test; "" for everybody else.
std::string Role(std::string_view recipient) {
  std::string address = base::ToLower(recipient);
  if (!address.ends_with(kSimulator)) return "";
  address.resize(address.size() - kSimulator.size());
  address.resize(std::min(address.find('+'), address.size()));
  return address;
}

}  // namespace

Catcher::Catcher(InboxStore& inbox, Script& script, Complain complain, base::Log& log)
    : inbox_(inbox), script_(script), complain_(std::move(complain)), log_(log) {}

smtpd::Answer Catcher::OnMail(const smtpd::Session& session) {
  return script_.Take(Stage::kMail, {session.mail_from}).value_or(smtpd::Answer{});
}

smtpd::Answer Catcher::OnRecipient(const smtpd::Session& session, std::string_view recipient) {
  if (auto scripted = script_.Take(Stage::kRcpt, {std::string(recipient)})) return *scripted;
  const std::string role = Role(recipient);
  if (role == "bounced") return {550, "5.1.1 The simulator knows no such mailbox"};
  if (role == "delayed" && IsFirstAttempt(session.mail_from + "\n" + std::string(recipient))) {
    return {451, "4.2.1 The simulator asks you to try again later"};
  }
  return {};
}

smtpd::Answer Catcher::OnData(const smtpd::Session& session) {
  return script_.Take(Stage::kData, session.recipients).value_or(smtpd::Answer{354, "Go on, end with CRLF.CRLF"});
}

smtpd::Answer Catcher::OnMessage(const smtpd::Session& session, std::string message) {
  const auto scripted = script_.Take(Stage::kDot, session.recipients);
  if (scripted && scripted->code / 100 != 2) return *scripted;
  const auto mail = inbox_.Add(session, message);
  if (!mail) {
    log_.Error("catcher_cannot_store", {{"what", mail.error().message}});
    return {451, "4.3.0 The mail could not be written to disk"};
  }
  for (const std::string& recipient : session.recipients) {
    if (complain_ && Role(recipient) == "complained") complain_(session.mail_from);
  }
  return scripted.value_or(smtpd::Answer{250, "2.0.0 Caught as " + mail->id});
}

bool Catcher::IsFirstAttempt(const std::string& envelope) {
  auto delayed = delayed_.Lock();
  // Forgetting costs a second delay, remembering for ever would cost memory.
  if (delayed->size() >= kMostDelayed) delayed->clear();
  return delayed->insert(envelope).second;
}

}  // namespace sealpost::dev
