// All checks of one sender's domain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dns/fetcher.h"
#include "dns/finding.h"
#include "dns/key_material.h"
#include "dns/public_suffix.h"
#include "dns/resolver.h"

namespace sealpost::dns {

struct Signer {                  // a selector the domain's mail is signed with
  std::string domain;            // d=
  std::string selector;          // s=
  std::optional<PublicKey> key;  // that we sign with; unknown: any sound key passes
};

// What is known about the sender. Names are A-labels in lower case. What is left out makes its checks unknown, not
// failed.
struct Sender {
  std::string domain;       // of From
  std::string return_path;  // domain of the envelope sender; empty: the From domain
  std::vector<Signer> signers;
  std::vector<PublicKey> keys;  // ours, without a word about selectors: each must stand at one of them
  std::vector<Ip> addresses;    // that mail leaves from
  std::vector<std::string> helo_names;
  bool identity_below = false;     // we send i= below d=
  bool ask_authoritative = false;  // compare the authoritative servers one by one (NS-AGREE, DKIM-SIZE)
};

struct Tools {
  Resolver& resolver;
  const PublicSuffixList& suffixes;
  Fetcher fetch;                    // empty: what needs it is unknown
  Deadline deadline = kNoDeadline;  // afterwards what is still open is unknown
};

// Blocks. Never throws for anything the DNS says. Every check of the catalog that applies has one finding at least;
// where one fault explains others (no record, hence no pass), only the fault itself is reported.
Report Check(const Sender& sender, const Tools& tools);

}  // namespace sealpost::dns
