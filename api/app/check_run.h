// Looking at many domains side by side, answers in the order of the questions.
#pragma once

#include <functional>
#include <vector>

#include "api/app/dns_tools.h"
#include "dns/checks/check.h"

namespace sealpost::app {

// Checks every sender with at most `jobs` at once. `show` is called on the calling thread, in order, as soon as a
// report and all before it are there. `done` is called after each report, in any order, one call at a time.
void CheckAll(const std::vector<dns::Sender>& senders, DnsTools& tools, std::size_t jobs,
              const std::function<void(const dns::Report&)>& show, const std::function<void(const dns::Report&)>& done);

// Exit code of several reports: the worst of 1 (bad), 3 (could not tell), 0.
int ExitOf(const std::vector<dns::Outcome>& outcomes);

}  // namespace sealpost::app
