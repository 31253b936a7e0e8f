// What the files that check DMARC share. Only for dns/checks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dns/checks/context.h"

namespace sealpost::dns {

// The question about a domain, asked while its policy was looked for; null if it was not asked.
const DmarcStep* StepAt(const DmarcDiscovery& discovery, std::string_view domain);
// Readings that found a record, one for each place where one stands: one or two.
std::vector<const DmarcReading*> Governing(const DmarcDiscovery& discovery);
// "_dmarc.example.com" and what stands there.
Findings::Seen SeenAt(const DmarcDiscovery& discovery, const std::string& domain, std::string detail);

// A first record for a domain.
std::string NewDmarc(const std::string& domain);
// The record that mends all that is wrong with one at once, so that the fixes of several findings agree: policies that
// are weak or no policy raised to quarantine, t, psd=y and historic tags out, p behind v, a rua if there is none.
// A text that is no tag list becomes a new record.
std::string SoundDmarc(const std::string& text, const std::string& domain);
// That record at _dmarc of the domain.
Fix SoundFix(const DmarcDiscovery& discovery, const std::string& domain);

void CheckDmarcPolicy(Context& context);  // dmarc_policy.cpp: POLICY, TEST, PCT, SP, NP, SP-DEAD, PSD, P-ORDER, UNKNOWN

}  // namespace sealpost::dns
