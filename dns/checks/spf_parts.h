// The pieces of CheckSpf. Only for dns/checks/spf*.cpp.
#pragma once

#include <string>
#include <vector>

#include "dns/checks/context.h"
#include "dns/spf_walk.h"

namespace sealpost::dns {

// Whose record it is: the return path's is what receivers evaluate; the From domain's, if another, what people and
// scanners look at, so that its faults are warnings.
enum class SpfRole { kReturnPath, kFrom };

// spf_text.cpp: the record as text, SPF-NONE, -MULTI, -NONASCII, -DUPMOD, -SYNTAX. The record if it is one and can be
// read, otherwise empty, and the findings say why.
std::string CheckSpfText(Context& context, const std::string& domain, const Answer& answer, SpfRole role);
// spf_place.cpp: what stands beside it, SPF-SIZE, -STRINGS, -TYPE99, -WRONGPLACE, -WILDCARD.
void CheckSpfPlace(Context& context, const std::string& domain, const Answer& answer, const std::string& text);
// "ip4=192.0.2.1", a mechanism that the equals sign makes an unknown modifier.
bool IsMistaken(const SpfModifier& unknown);
// Something that was meant as SPF and is none for receivers.
bool LooksLikeSpf(std::string_view text);

// What was meant by a readable record: blanks put where strings were glued, ip4=... written as ip4:...
std::string IntendedSpf(const Answer& answer, const std::string& text);

struct WalkedSpf {
  Context& context;
  const SpfWalk& walk;
  const std::string& domain;
  const std::string& text;  // the readable record

  Findings::Seen See(std::string detail) const;
  Fix Sound() const;  // the same for all findings about the domain's own record
  // Names that the sender can publish at.
  bool Own(std::string_view name) const;
};
// spf_limits.cpp: SPF-TEMP, -INCLUDE-NONE, -LOOP, -LOOKUPS, -VOID, -MX10, -PTR10.
void CheckSpfLimits(const WalkedSpf& spf);
// spf_terms.cpp: SPF-PLUSALL, -NEUTRAL, -ALL-POS, -PTR, -MACRO.
void CheckSpfTerms(const WalkedSpf& spf);

}  // namespace sealpost::dns
