// The catcher: takes every mail that development sends, and plays the mail servers of the world on request.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "api/dev/inbox_store.h"
#include "api/dev/script.h"
#include "mailer/base/guarded.h"
#include "mailer/base/log.h"
#include "mailer/smtpd/server.h"

namespace sealpost::dev {

// Thread safe. A 250 to the final dot means that the mail is in the inbox, on disk.
//
// Recipients at simulator.sealpost.test (what follows a + in the local part is ignored): bounced@ gets 550 5.1.1,
// delayed@ 451 4.2.1 at the first attempt of an envelope and 250 from then on, complained@ 250 and then a complaint;
// all others, delivered@ among them, are caught like anybody. Scripted answers go first.
class Catcher final : public smtpd::Handler {
 public:
  // Called with the envelope's sender, on the connection's thread, when the mail is on disk and before the sender
  // hears of it: what it records must stand beside a delivery that is reported a moment later.
  using Complain = std::function<void(const std::string& mail_from)>;

  Catcher(InboxStore& inbox, Script& script, Complain complain, base::Log& log);

  smtpd::Answer OnMail(const smtpd::Session& session) override;
  smtpd::Answer OnRecipient(const smtpd::Session& session, std::string_view recipient) override;
  smtpd::Answer OnData(const smtpd::Session& session) override;
  smtpd::Answer OnMessage(const smtpd::Session& session, std::string message) override;

 private:
  bool IsFirstAttempt(const std::string& envelope);

  InboxStore& inbox_;
  Script& script_;
  const Complain complain_;
  base::Log& log_;
  base::Guarded<std::set<std::string>> delayed_;  // envelopes that have had their 451
};

}  // namespace sealpost::dev
