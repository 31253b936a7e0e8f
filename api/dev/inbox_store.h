// The mails the catcher caught, kept as files so that they outlive a restart: FOLDER/ID.eml holds the bytes as they
// came, FOLDER/ID.json what the session told beside them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/smtpd/server.h"

namespace sealpost::dev {

struct CaughtMail {
  std::string id;  // UUIDv7
  base::Time received_at;
  std::string mail_from;                // envelope
  std::vector<std::string> recipients;  // envelope
  std::string peer, helo;
  std::string tls;            // "TLSv1.3 TLS_AES_256_GCM_SHA384", empty: plaintext
  std::string from, subject;  // header fields, decoded
  std::string from_domain;    // of the From field, lower case
};

struct InboxQuery {
  std::string to;     // an envelope recipient, any case; empty: all
  std::string after;  // only mails behind this one; empty: from the oldest on
};

// Thread safe. Remembers what is on disk; the bytes themselves are read when asked for, so that a changed file shows.
class InboxStore {
 public:
  static constexpr std::size_t kMostMails = 10'000;

  // Makes the folder if there is none, loads what is in it and removes what a crash left half-written. `most`: beyond
  // it the oldest mails go.
  static base::Result<std::unique_ptr<InboxStore>> Open(const std::string& folder, const base::Clock& clock,
                                                        std::size_t most = kMostMails);

  // On disk when it returns.
  base::Result<CaughtMail> Add(const smtpd::Session& session, const std::string& raw);

  // Oldest first.
  std::vector<CaughtMail> List(const InboxQuery& query = {}) const;
  // The same, but waits until there is at least one, the time is over or StopWaiting() was called.
  std::vector<CaughtMail> WaitFor(const InboxQuery& query, std::chrono::milliseconds time) const;
  std::optional<CaughtMail> Find(std::string_view id) const;
  // The bytes from disk. kNotFound for an id that is none of ours or gone.
  base::Result<std::string> Raw(std::string_view id) const;
  // Domains of the From fields, each once, sorted.
  std::vector<std::string> FromDomains() const;

  // How many there were.
  std::size_t Clear();
  // Ends every wait, now and later: a server that stops calls it first.
  void StopWaiting();

 private:
  InboxStore(std::string folder, const base::Clock& clock, std::size_t most);
  void Load();
  void Remove(const CaughtMail& mail) const;
  std::vector<CaughtMail> Select(const InboxQuery& query) const;  // under the lock
  std::string PathOf(std::string_view id, std::string_view ending) const;

  const std::string folder_;
  const base::Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<CaughtMail> mails_;  // in the order they were caught
  bool waiting_allowed_ = true;
};

}  // namespace sealpost::dev
