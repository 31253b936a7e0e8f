// The evaluation set by name.
#pragma once

#include <array>
#include <string_view>

#include "tests/traces/attacks.h"
#include "tests/traces/ordinary.h"

namespace sealpost::tests {

struct Scenario {
  std::string_view name;
  std::string_view what;
  ratelimit::Trace (*make)(std::uint32_t seed);
};

inline constexpr std::array kScenarios{
    Scenario{"one-source", "10,000 password resets for one mailbox from one source in 2 hours", OneSource},
    Scenario{"many-sources", "the same from 1,000 sources over 20 templates and 7 keys", ManySources},
    Scenario{"spellings", "the same with dots, tags, case, quotes and googlemail.com, in 36 hours", Spellings},
    Scenario{"low-and-slow", "one call in 3 minutes for 24 hours", LowAndSlow},
    Scenario{"one-instant", "300 sends scheduled to one instant", OneInstant},
    Scenario{"catch-all", "10,000 random local parts at one domain in 6 hours", CatchAll},
    Scenario{"wildcard", "the same at random subdomains of one domain", Wildcard},
    Scenario{"plus-tags", "10,000 tags at a custom domain in 6 hours", PlusTags},
    Scenario{"spray", "10,000 different people from 50 sources with one key in 2 hours", Spray},
    Scenario{"loop", "5,000 times the same notification in an hour", Loop},
    Scenario{"lock-out", "an attacker spends the victim's codes for 24 hours, the victim logs in hourly", LockOut},
    Scenario{"captchas", "an attacker solves 100 captchas an hour for 24 hours, the victim logs in hourly", Captchas},
    Scenario{"ordinary-day", "9,000 mails to 6,000 people, with resends", OrdinaryDay},
    Scenario{"office", "300 logins behind one address in 10 minutes", Office},
    Scenario{"impatient", "five codes in 260 seconds", Impatient},
    Scenario{"onboarding", "200 invitations by the admin of a verified workspace in 5 minutes", Onboarding},
    Scenario{"on-call", "one alert a minute for an hour", OnCall},
    Scenario{"testers", "30 tags of one mailbox at a firm's domain in an hour", Testers},
    Scenario{"shop", "3,000 orders in a day through a client without categories", Shop},
};

}  // namespace sealpost::tests
