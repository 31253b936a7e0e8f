// What is known about the sender domains' DNS records: the latest state of each, and how its verdict changed. What the
// texts mean is the affair of mailer/domains.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct DomainCheck {
  std::string domain;  // lower-case A-label
  base::Time checked_at = {};
  std::optional<base::Time> known_at = {};
  std::string verdict = {};
  base::Time since = {};
  std::optional<base::Time> failing_since = {};
  std::string seen_keys = {};     // JSON
  std::string report = {};        // JSON
  std::string known_report = {};  // JSON; empty: none, or the same as `report`
};

struct DomainChange {
  std::string domain;
  base::Time at = {};
  std::string was = {};  // empty: it was the first verdict
  std::string verdict = {};
  std::string findings = {};  // JSON
};

inline constexpr std::size_t kDomainChangesKept = 200;  // of each domain; older ones go

// Adds or replaces.
base::Result<void> PutDomainCheck(Session& session, const DomainCheck& check);
base::Result<std::vector<DomainCheck>> AllDomainChecks(Session& session);  // by name
// Its history stays.
base::Result<void> DeleteDomainCheck(Session& session, std::string_view domain);
base::Result<void> InsertDomainChange(Session& session, const DomainChange& change);
// The latest first.
base::Result<std::vector<DomainChange>> DomainChanges(Session& session, std::string_view domain, std::size_t limit);

}  // namespace sealpost::store
