// The pieces of CheckDkim. Only for dns/checks/dkim*.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dns/checks/context.h"
#include "dns/dkim_record.h"

namespace sealpost::dns {

struct SelectorView {  // what stands at one selector
  const Signer* signer = nullptr;
  std::string name;  // s._domainkey.d
  Answer answer;
  std::string text;                  // if there is exactly one record
  std::optional<DkimRecord> record;  // if it can be read and is not revoked
  std::optional<PublicKey> key;      // if it decodes
  bool sound = true;                 // nothing found that keeps a signature from verifying

  Findings::Seen See(std::string detail) const;
};

// dkim_selector.cpp: what the record itself says, DKIM-NONE, -CNAME, -MULTI, -SYNTAX, -REVOKED, -ALG, -BASE64, -WEAK,
// -TEST, -STRICT-I, -SERVICE.
SelectorView CheckSelector(Context& context, const Signer& signer);
// dkim_key.cpp: whose keys these are, DKIM-KEYMATCH, -EDONLY, -DUP.
void CheckKeys(Context& context, std::vector<SelectorView>& views);
// The record for the key that this selector is to have, if it is known.
std::optional<Fix> KeyFix(const Context& context, const SelectorView& view);

}  // namespace sealpost::dns
