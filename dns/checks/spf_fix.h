// SPF records mended as text, term by term, so that what an operator publishes is what he had, but for the fault. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dns/ip.h"

namespace sealpost::dns {

// "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"; without addresses "v=spf1 mx ~all".
std::string SpfFor(const std::vector<Ip>& addresses);
// "ip4:192.0.2.1", "ip6:2001:db8::1".
std::string SpfTermFor(const Ip& address);
// Everything the records let pass, once each, and the mildest of their alls, though never +all.
std::string MergeSpf(const std::vector<std::string>& records);
std::string WithoutTerms(std::string_view record, const std::vector<std::string>& terms);
std::string WithTermReplaced(std::string_view record, std::string_view term, const std::vector<std::string>& by);
// New terms before all and redirect or, where an earlier term refuses them, in front.
std::string WithTermsAdded(std::string_view record, const std::vector<std::string>& terms, bool in_front);
// Ends with this all instead of its own, if any.
std::string WithAll(std::string_view record, std::string_view all);
// Terms from behind all moved before it; a redirect beside it dropped.
std::string WithAllLast(std::string_view record);
// redirect and exp once: the first of each.
std::string WithModifiersOnce(std::string_view record);
// Blanks that are not spaces made spaces, other bytes that cannot stand in a record and quotes taken out.
std::string Retyped(std::string_view record);
// Terms that cannot be read, corrected where the intention shows, dropped where not; v=spf1 mended too. Empty if no
// readable record comes of it.
std::string Repaired(std::string_view record);

// Words between spaces, the first being v=spf1.
std::vector<std::string> SpfWords(std::string_view record);
// A term without the sign in front of it; whether it is all, with any sign.
std::string_view Unqualified(std::string_view term);
bool IsAll(std::string_view term);

}  // namespace sealpost::dns
