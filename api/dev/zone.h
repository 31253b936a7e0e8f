// The DNS that development pretends: what would have to be published for every domain seen so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/dev/dev_keyring.h"
#include "api/dev/inbox_store.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::dev {

struct Record {
  std::string name;   // without trailing dot
  std::string type;   // TXT, MX; among Around() also A and PTR
  std::string value;  // TXT: joined and unquoted
};

// Thread safe. A domain is seen when something was signed for it or a caught mail names it in From. Records: SPF, both
// DKIM keys, DMARC at quarantine, and MX and SPF of the return path bounce.DOMAIN.
class Zone {
 public:
  Zone(const DevKeyring& keyring, const InboxStore& inbox) : keyring_(keyring), inbox_(inbox) {}

  std::vector<Record> Records() const;
  // What a name server for the zone has to know to answer for a name (lower case, no final dot): the records of the
  // domains at it, above it and below it, each with the address of its host, which is this machine; localhost and the
  // reverse name of 127.0.0.1, where mail leaves from.
  std::vector<Record> Around(std::string_view name) const;
  // Finds TXT values by name (any case, trailing dot or not) in the zone as it is now; outlives the Zone.
  dkim::KeyLookup Snapshot() const;

 private:
  std::vector<std::string> Domains() const;

  const DevKeyring& keyring_;
  const InboxStore& inbox_;
};

}  // namespace sealpost::dev
