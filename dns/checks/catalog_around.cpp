#include "dns/checks/catalog_families.h"

namespace sealpost::dns {
namespace {

constexpr CheckInfo kAroundChecks[] = {
    {"PTR-NONE", kError, "Every sending address has a PTR record.", "Gmail, Yahoo sender guidelines; RFC 1912 2.1",
     false,
     "Gmail and others refuse mail from addresses without a reverse name. The record belongs to whoever the address "
     "belongs to: the provider sets it, in a panel or on request, and IPv6 addresses rarely have one by themselves.",
     "Ask the provider of the address to set its reverse name."},
    {"PTR-FCRDNS", kError, "A PTR name of every sending address leads back to that address.",
     "RFC 8601 2.7.3; Gmail, Yahoo sender guidelines", false,
     "Anybody can claim any name in a reverse zone; only a matching A or AAAA record proves it. Without it receivers "
     "refuse or distrust the mail. It breaks when a server moves and only one of the two records is changed.",
     "Publish the address at the PTR name, or have the PTR changed to a name that has the address."},
    {"PTR-HELO", kWarning, "The HELO name is a full host name, that of the PTR record, and not a generic one.",
     "RFC 5321 4.1.1.1; Yahoo sender guidelines", false,
     "Names made of the address's digits, or with dyn and pool in them, are those of home connections, which filters "
     "score. A server that greets with another name than its own looks badly run at best.",
     "Give the address a name of your own, and greet with that name."},
    {"PTR-MANY", kWarning, "A sending address has one PTR record.", "RFC 7208 4.6.4; RFC 1912 2.1", false,
     "With several names receivers take any of them, so that checks give another result from day to day; beyond "
     "10 SPF ignores them. It happens where a panel adds a name for every domain it hosts.",
     "Keep the name that the server greets with."},
    {"RP-MX", kError, "The return-path domain can receive bounces.", "RFC 5321 4.5.5, 5.1; RFC 7505 4.2", false,
     "Bounces go to the envelope sender. Receivers refuse mail whose return path cannot take them, and a null MX says "
     "that it never will; you would not learn which addresses are dead either.",
     "Publish an MX record for the return-path domain that leads to the server that takes its bounces."},
    {"RP-CNAME", kError, "The return-path domain is not an alias beside other records, and none at the zone's apex.",
     "RFC 1034 3.6.2, RFC 2181 10.1", false,
     "A name with a CNAME cannot have records of its own: resolvers answer with one or the other, by luck. A CNAME "
     "alone is fine if its target has the MX and SPF records.",
     "Replace the CNAME by the MX and TXT records themselves."},
    {"MX-CNAME", kWarning, "MX records name hosts, not aliases.", "RFC 2181 10.3, RFC 5321 5.1", false,
     "An MX target must not be a CNAME. Many senders follow it all the same, some refuse.",
     "Put the alias's target into the MX record."},
    {"MX-IP", kWarning, "MX records name hosts, not addresses.", "RFC 5321 5.1, RFC 1035 3.3.9", false,
     "An address in an MX record is read as a host name that does not exist, and mail to the domain is lost. "
     "Panels that ask for a server, and take anything, are the usual cause.",
     "Publish an A record for a host name and put that name into the MX record."},
    {"MX-NOADDR", kWarning, "Every MX host has an address.", "RFC 5321 5.1", false,
     "Mail is tried at a host that is not there; if no other is left it fails. The host was renamed or removed, "
     "and the MX record stayed.",
     "Publish A and AAAA records for the host, or remove the MX record."},
    {"MX-LOCAL", kWarning, "MX hosts have public addresses.", "RFC 6890, RFC 5321 5.1", false,
     "A private or loopback address cannot be reached from outside, or leads every sender to itself. The record "
     "was copied from a network where it worked.",
     "Publish the public address of the host."},
    {"STS-TXT", kWarning, "One _mta-sts record with an id stands beside a policy over HTTPS that lists every MX host.",
     "RFC 8461 3.1, 3.2, 4.1", false,
     "MTA-STS tells senders to deliver to you over verified TLS only. A policy in mode enforce that misses an MX host "
     "makes them refuse that host, and an old certificate at the mta-sts host leaves everybody with the last policy "
     "they kept.",
     "Correct record or policy, then change the id so that senders fetch it again."},
    {"TLSRPT", kWarning, "One _smtp._tls record names where reports about TLS go.", "RFC 8460 3", false,
     "Without it nobody tells you that MTA-STS or DANE keeps mail from being delivered to you. Large senders "
     "report once a day what failed and how often.",
     "Publish v=TLSRPTv1; rua=mailto: with an address of yours at _smtp._tls below the domain."},
    {"DANE", kWarning, "TLSA records of the MX hosts are validated by DNSSEC and have usage 2 or 3.", "RFC 7672 2, 3.1",
     false,
     "Senders that know DANE pin your server's key by these records. Without DNSSEC they are ignored; with usage 0 or "
     "1 "
     "they are unusable for mail.",
     "Sign the zone, and publish usage 3 with the key of the certificate in use."},
    {"BIMI", kInfo, "default._bimi names a logo over HTTPS, and DMARC enforces for the whole organization.",
     "draft-brand-indicators-for-message-identification", false,
     "Receivers show the logo only if DMARC is at quarantine or reject, without pct, at the organizational domain too. "
     "Gmail and Apple want a certificate (a=) besides.",
     "Raise DMARC first; the logo is the last step."},
    {"CAA", kInfo, "CAA records, if there are any, allow the authority that certifies the hosts of mail.", "RFC 8659 4",
     false,
     "CAA says who may issue certificates for the domain. One that leaves your authority out shows up at the next "
     "renewal, when the MTA-STS host or the API loses its certificate.",
     "Add an issue record for the authority you use."},
    {"DNSSEC-BOGUS", kError, "Signed answers validate.", "RFC 4035 5.5", false,
     "The resolver refuses the answer because its signatures do not hold, though without validation there is one: "
     "every "
     "validating receiver sees no records at all. Usual causes are a DS record left behind after a change of provider, "
     "and signatures that ran out.",
     "Repair the chain: renew the signatures, or replace or remove the DS record at the parent."},
    {"DNSSEC-NONE", kInfo, "The domain is signed.", "RFC 4035 3.2.3", false,
     "Without DNSSEC the records can be forged on the way to a receiver, and DANE is not possible. Mail does not need "
     "it. "
     "Only a validating resolver that is trusted can tell.",
     "Sign the zone, and publish its DS record at the parent."},
    {"NS-AGREE", kWarning, "Every authoritative server gives the same answers, over UDP and TCP.",
     "RFC 1034 4.2.2, RFC 7766 5", false,
     "Where one server has an older zone or none, some receivers see the old records. Secondaries that were not told "
     "of "
     "a change, and servers left in the delegation after a move, are the usual cause.",
     "Bring the servers to the same serial, and remove lame ones from the delegation."},
    {"TTL", kInfo, "Records are kept between 5 minutes and a day.", "RFC 1035 3.2.1, RFC 2308 5", false,
     "A long TTL delays every correction, a very short one costs a lookup for every message. A missing record is "
     "remembered too, for as long as the SOA record says.",
     "Set an hour, and look again when the time shown is over."},
    {"IDN", kWarning, "Internationalized names are valid IDNA 2008 and stand in the DNS as A-labels.",
     "RFC 5891 4, RFC 8616", false,
     "The DNS knows xn-- names only, and comparing must be done with them. A name that is valid in IDNA 2003 only, or "
     "published as UTF-8, is another name for some receivers.",
     "Publish and sign with the A-label form."},
    {"LABELS", kError, "Names are at most 253 bytes long, labels 1 to 63, after the prefixes are added.",
     "RFC 1035 2.3.4", false,
     "Longer names cannot be asked for, so that nothing below them exists for receivers. Long selectors and deep "
     "subdomains reach the limit only together with _domainkey or _report._dmarc.",
     "Choose a shorter selector or subdomain."},
    {"UNSUB", kInfo, "Subscribed mail has one-click unsubscribe headers inside the DKIM signature.",
     "RFC 8058 3.1; Gmail, Yahoo sender guidelines", false,
     "Gmail and Yahoo ask it of marketing and list mail; transactional mail is exempt. The DNS cannot show it: this is "
     "a reminder.",
     "Send List-Unsubscribe and List-Unsubscribe-Post with such mail, and sign both."},
};

}  // namespace

std::span<const CheckInfo> AroundChecks() {
  return kAroundChecks;
}

}  // namespace sealpost::dns
