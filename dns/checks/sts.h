// MTA-STS, the largest check of transport. Only for dns/checks.
#pragma once

#include "dns/checks/context.h"

namespace sealpost::dns {

void CheckSts(Context& context);  // sts.cpp: STS-TXT

}  // namespace sealpost::dns
