// The catalog's parts, each in a file of its name. Only for catalog*.cpp.
#pragma once

#include <span>

#include "dns/checks/catalog.h"

namespace sealpost::dns {

constexpr auto kError = Severity::kError;
constexpr auto kWarning = Severity::kWarning;
constexpr auto kInfo = Severity::kInfo;

std::span<const CheckInfo> SpfChecks();     // catalog_spf.cpp
std::span<const CheckInfo> DkimChecks();    // catalog_dkim.cpp
std::span<const CheckInfo> DmarcChecks();   // catalog_dmarc.cpp: DMARC and alignment
std::span<const CheckInfo> AroundChecks();  // catalog_around.cpp: hosts, transport, zone

}  // namespace sealpost::dns
