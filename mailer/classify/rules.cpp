#include "mailer/classify/rules.h"

namespace sealpost::classify {
namespace {

using enum Scene;
using enum model::VerdictKind;
using model::VerdictScope;

constexpr VerdictScope kSite = VerdictScope::kSite;
constexpr VerdictScope kMessage = VerdictScope::kMessage;
constexpr VerdictScope kMailbox = VerdictScope::kRecipient;

// Three principles. A "no" to us (a listing, a rate, a login, TLS) is the site's affair and waits, whatever its code:
// a bounce would punish good recipients. A "no" to what we wrote ends the message and says nothing of the recipient.
// Only what names the mailbox or its domain is the recipient's. In doubt: no bounce, and never a suppression.
constexpr Rule kRules[] = {
    // 1. One provider's words and codes, more exact than the standard code beside them.
    // Google
    {kRecipient, "", "", "overquotaperm", kBounce, kMailbox, "inactive_mailbox"},
    {kRecipient, "", "", "receiving mail at a rate|receiving mail too quickly", kDefer, kMailbox, "rate_limited"},
    {kAny, "", "", "unusual rate of unsolicited", kDefer, kSite, "rate_limited"},
    {kTransaction, "", "", "likely unsolicited mail|potential security issue", kBounce, kMessage, "spam_content"},
    // Microsoft
    {kRecipient, "", "?.4.1", "recipient address rejected", kBounce, kMailbox, "invalid_recipient"},
    {kRecipient, "", "", "recipientnotfound|recipnotfound", kBounce, kMailbox, "invalid_recipient"},
    {kRecipient, "550", "5.5.0", "mailbox unavailable", kBounce, kMailbox, "invalid_recipient"},
    {kTransaction, "", "", "recipsizelimit|sendsizelimit", kBounce, kMessage, "message_too_large"},
    {kRecipient, "", "", "resolver.rst", kBounce, kMailbox, "policy"},
    {kRecipient, "", "?.7.124|?.7.13?", "", kBounce, kMailbox, "policy"},
    {kAny, "", "?.7.509|?.7.515", "", kDefer, kMessage, "auth_failure"},
    {kAny, "", "?.7.57", "", kDefer, kSite, "auth_failure"},
    {kAny, "", "?.7.5??|?.7.6??|?.7.7??", "", kDefer, kSite, "ip_or_domain_blocked"},
    {kAny, "", "", "(s31", kDefer, kSite, "ip_or_domain_blocked"},
    // Yahoo
    {kRecipient, "", "", "this mailbox is disabled", kBounce, kMailbox, "inactive_mailbox"},
    {kRecipient, "", "", "doesn't have a yahoo", kBounce, kMailbox, "invalid_recipient"},
    {kTransaction, "", "", "not accepted for policy reasons", kBounce, kMessage, "policy"},
    {kAny, "", "", "[tss0", kDefer, kSite, "rate_limited"},
    {kAny, "", "", "[bl2", kDefer, kSite, "ip_or_domain_blocked"},
    // Apple, Comcast, Cisco, GMX
    {kTransaction, "", "", "[cs01]", kBounce, kMessage, "spam_content"},
    {kAny, "", "", "[hm0|bl0000|invalid dns mx", kDefer, kSite, "ip_or_domain_blocked"},
    {kAny, "", "", "rl0000", kDefer, kSite, "rate_limited"},
    {kRecipient, "", "", "#5.1.0 address rejected", kBounce, kMailbox, "invalid_recipient"},

    // 2. Listings and reputation. Of links that are listed the message is to blame.
    {kTransaction, "", "", "surbl|uribl", kDefer, kMessage, "ip_or_domain_blocked"},
    {kAny, "", "",
     "spamhaus|spamcop|barracuda|sorbs|uceprotect|abusix|cloudmark|ipcheck.proofpoint|senderscore|senderbase|dnsbl| "
     "rbl|"
     "blacklist|black list|blocklist|block list|denylist|blocked using|reputation|banned send|access denied, banned",
     kDefer, kSite, "ip_or_domain_blocked"},
    {kAny, "", "",
     "client host|ip address|your ip|sending ip|sender ip|reverse dns|ptr record|dns ptr|helo command rejected|"
     "not accept mail from|not accepting mail from",
     kDefer, kSite, "ip_or_domain_blocked"},

    // 3. Pace. Loops first, because they too speak of "too many".
    {kRecipient, "", "", "too many hops|mail loop|routing loop", kBounce, kMailbox, "other"},
    {kAny, "", "", "greylist|graylist|grey-list|grey list|postgrey", kDefer, kMailbox, "greylisted"},
    {kAny, "", "",
     "too many|too fast|rate limit|ratelimit|throttl|frequency limit|sending limit|sending quota|message quota|"
     "temporarily deferred",
     kDefer, kSite, "rate_limited"},

    // 4. TLS, logins and relaying: how we are set up.
    {kAny, "", "", "starttls|tls required|requires tls|over a tls|encryption required", kDefer, kSite, "tls_policy"},
    {kTls, "", "", "", kDefer, kSite, "tls_policy"},
    {kAuth, "", "", "", kDefer, kSite, "auth_failure"},
    {kAny, "432|530|534|535|538", "", "", kDefer, kSite, "auth_failure"},
    {kAny, "454", "?.7.0", "", kDefer, kSite, "auth_failure"},
    {kAny, "", "", "authentication required|not authenticated|must authenticate", kDefer, kSite, "auth_failure"},
    {kAny, "", "",
     "relay access denied|relaying denied|relay denied|unable to relay|permitted to relay|relay not permitted|"
     "do not relay|rcpthosts",
     kDefer, kSite, "relay_denied"},

    // 5. Any other "no" before MAIL: a greeting of 5xx is how a server turns away whom it does not want.
    {kSession, "5??", "", "", kDefer, kSite, "ip_or_domain_blocked"},
    {kSession, "", "", "", kDefer, kSite, "connection"},

    // 6. SPF, DKIM, DMARC: the sender domain's records can be mended while the message waits.
    {kTransaction, "", "",
     "dmarc|dkim| spf|spf |sender policy framework|unauthenticated|authentication information|authentication level",
     kDefer, kMessage, "auth_failure"},

    // 7. The sender's address, before "does not exist" is taken for the recipient's.
    {kTransaction, "", "",
     "sender address|sender verif|sender domain|sender rejected|sender denied|domain of sender|return path", kBounce,
     kMessage, "policy"},

    // 8. Enhanced codes that say one thing (RFC 3463, 5248, 6710, 7293, 7372, 7505).
    {kTransaction, "521", "", "", kDefer, kSite, "policy"},  // speaks of the host (RFC 7504), whatever stands beside it
    {kRecipient, "", "?.1.1|?.1.3|?.1.4|?.1.6", "", kBounce, kMailbox, "invalid_recipient"},
    {kRecipient, "", "?.1.2|?.1.10", "", kBounce, kMailbox, "bad_domain"},
    {kTransaction, "", "?.1.7|?.1.8", "", kBounce, kMessage, "policy"},
    {kRecipient, "", "?.2.1", "", kBounce, kMailbox, "inactive_mailbox"},
    {kRecipient, "", "?.2.2", "", kBounce, kMailbox, "mailbox_full"},
    {kRecipient, "", "?.2.4", "", kBounce, kMailbox, "other"},
    {kTransaction, "", "?.2.3|?.3.4|?.7.16", "", kBounce, kMessage, "message_too_large"},
    {kTransaction, "", "?.3.1|?.3.2|?.3.5", "", kDefer, kSite, "other"},
    {kTransaction, "", "?.3.3|?.6.?|?.6.10", "", kBounce, kMessage, "protocol"},
    {kTransaction, "", "?.4.3", "", kDefer, kSite, "dns_failure"},
    {kRecipient, "", "?.4.4", "", kBounce, kMailbox, "dns_failure"},
    {kTransaction, "", "?.4.5|?.7.28", "", kDefer, kSite, "rate_limited"},
    {kRecipient, "", "?.4.6|?.4.14", "", kBounce, kMailbox, "other"},
    {kRecipient, "", "?.4.7", "", kBounce, kMailbox, "expired"},
    {kTransaction, "", "?.4.?", "", kDefer, kSite, "connection"},
    {kTransaction, "", "?.5.3", "", kDefer, kMessage, "rate_limited"},
    {kRecipient, "", "?.7.2", "", kBounce, kMailbox, "policy"},
    {kTransaction, "", "?.7.4|?.7.5|?.7.10|?.7.11", "", kDefer, kSite, "tls_policy"},
    // 5.7.13 is our login that was disabled, not the recipient's mailbox.
    {kTransaction, "", "?.7.8|?.7.9|?.7.12|?.7.13|?.7.14", "", kDefer, kSite, "auth_failure"},
    {kRecipient, "", "?.7.17|?.7.18", "", kBounce, kMailbox, "inactive_mailbox"},
    {kTransaction, "", "?.7.25", "", kDefer, kSite, "ip_or_domain_blocked"},
    {kTransaction, "", "?.7.2?|?.7.3?|?.7.40", "", kDefer, kMessage, "auth_failure"},

    // 9. Common words where the code says little.
    {kRecipient, "", "",
     "user unknown|unknown user|no such user|user not found|recipient not found|mailbox not found|account not found|"
     "no such recipient|no such mailbox|no such address|no mailbox|invalid recipient|invalid mailbox|unknown recipient|"
     "recipient unknown|unknown address|address unknown|unrouteable address|unknown local|"
     "not a valid mailbox|not a valid recipient|user does not exist|user doesn't exist|mailbox does not exist|"
     "account does not exist|account that you tried to reach does not exist|address does not exist",
     kBounce, kMailbox, "invalid_recipient"},
    {kRecipient, "", "",
     "account disabled|account is disabled|mailbox disabled|mailbox is disabled|user disabled|account has been "
     "disabled|"
     "account has been suspended|account is suspended|account inactive|account is inactive|mailbox inactive|"
     "mailbox is inactive|deactivated|no longer active",
     kBounce, kMailbox, "inactive_mailbox"},
    {kTransaction, "", "", "system storage", kDefer, kSite, "other"},
    {kTransaction, "", "",
     "message too large|message is too large|message too big|message is too big|message size exceeds|"
     "exceeds maximum size|maximum message size|message length exceeds|size limit exceeded",
     kBounce, kMessage, "message_too_large"},
    {kRecipient, "", "",
     "mailbox full|mailbox is full|inbox is full|over quota|overquota|quota exceeded|exceeded quota|exceeds quota|"
     "exceeded storage|out of storage|mailbox size limit",
     kBounce, kMailbox, "mailbox_full"},
    {kRecipient, "", "", "null mx|nullmx|does not accept mail", kBounce, kMailbox, "bad_domain"},
    {kRecipient, "", "", "domain not found|host not found|host unknown", kBounce, kMailbox, "dns_failure"},
    // Whoever sees spam before the content means us.
    {kEnvelope, "", "", "spam|junk|unsolicited", kDefer, kSite, "ip_or_domain_blocked"},
    {kTransaction, "541", "", "", kBounce, kMessage, "spam_content"},
    {kTransaction, "", "", "spam|junk|unsolicited|virus|malware|phish|content denied|content rejected", kBounce,
     kMessage, "spam_content"},

    // 10. What is left to say: the code alone (RFC 5321 4.2.2, 4.2.3).
    {kAny, "421", "", "", kDefer, kSite, "connection"},
    {kRcpt, "45?", "4.7.1|4.2.0", "", kDefer, kMailbox, "greylisted"},
    {kTransaction, "", "?.7.?", "", kBounce, kMessage, "policy"},
    {kRcpt, "452|552", "", "", kBounce, kMailbox, "mailbox_full"},
    {kTransaction, "452", "", "", kDefer, kSite, "other"},
    {kTransaction, "552", "", "", kBounce, kMessage, "message_too_large"},
    {kRecipient, "556", "", "", kBounce, kMailbox, "bad_domain"},
    {kTransaction, "500|502|503", "", "", kDefer, kSite, "protocol"},
    {kRcpt, "501", "", "", kBounce, kMailbox, "protocol"},
    {kTransaction, "501|504|555", "", "", kBounce, kMessage, "protocol"},
    {kTransaction, "554|571", "", "", kBounce, kMessage, "policy"},
    {kRcpt, "", "", "", kBounce, kMailbox, "other"},
    {kTransaction, "55?", "", "", kBounce, kMessage, "policy"},
    {kAny, "", "", "", kBounce, kMessage, "other"},
};

}  // namespace

std::span<const Rule> Rules() {
  return kRules;
}

}  // namespace sealpost::classify
