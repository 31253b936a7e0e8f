#include "dns/checks/catalog_families.h"

namespace sealpost::dns {
namespace {

constexpr CheckInfo kDmarcChecks[] = {
    {"DMARC-NONE", kError, "A DMARC record governs the From domain, its own or its organizational domain's.",
     "RFC 9989 4.10.1 (draft-41), RFC 7489 6.6.3; Gmail, Yahoo, Microsoft sender guidelines", false,
     "Without a policy anybody can put your domain into From, and the large receivers refuse bulk mail. Usually the "
     "record stands at the domain itself instead of at _dmarc below it.",
     "Publish a DMARC record at _dmarc below the domain."},
    {"DMARC-MULTI", kError, "At most one DMARC record stands at a name.", "RFC 9989 4.10 (draft-41), RFC 7489 6.6.3",
     false,
     "Where there are two all of them are discarded, as if there were none. It happens when a reporting service's "
     "record "
     "is added to one that was there.",
     "Keep one record; several addresses go into one rua=, separated by commas."},
    {"DMARC-VERSION", kError, "The record begins with v=DMARC1, in exactly these letters.",
     "RFC 9989 4.7 (draft-41), RFC 7489 6.3", false,
     "Anything else at the front, such as v=dmarc1, a blank or a quote, makes it an ordinary text that receivers pass "
     "over. Blanks around = and ; are legal, whatever some online checkers say.",
     "Begin the record with exactly v=DMARC1; and let nothing stand before it."},
    {"DMARC-POLICY", kError, "The policy in effect is quarantine or reject, under RFC 9989 and under RFC 7489.",
     "Sealpost", true,
     "Only quarantine and reject protect the domain; receivers themselves are content with p=none. Both standards are "
     "in "
     "use and may find another record or read another tag, so the weaker of the two results counts.",
     "Raise the tag that decides to quarantine, after the reports show that all your mail is authenticated."},
    {"DMARC-TAGVALUE", kError, "Every tag has a value that the standard knows.",
     "RFC 9989 4.7, 4.10.1 (draft-41), RFC 7489 6.3", false,
     "A wrong value of p, sp or np makes the whole record act as p=none, or as no record if there is no rua. Wrong "
     "values "
     "of other tags fall back to their defaults.",
     "Correct the value."},
    {"DMARC-TEST", kError, "The policy is not in test mode (t=y).", "RFC 9989 4.7 (draft-41)", true,
     "t=y asks receivers for one level less than the policy says: quarantine becomes none, reject becomes quarantine. "
     "It is meant for the time of the set-up and easily forgotten.",
     "Take the t tag out."},
    {"DMARC-PCT", kError, "pct does not take mail out of the policy.", "RFC 7489 6.3, RFC 9989 A.6 (draft-41)", true,
     "Receivers that still read RFC 7489 apply the policy to that share only and one level less to the rest, so that "
     "quarantine with pct=50 lets half of all forgeries through. RFC 9989 has removed the tag, with rf and ri.",
     "Take pct, rf and ri out."},
    {"DMARC-SP", kError, "sp, where it governs subdomains that send, is quarantine or reject.",
     "RFC 9989 4.7 (draft-41), RFC 7489 6.3", true,
     "sp decides for every subdomain without a record of its own; without it p does. A strict p with sp=none "
     "leaves all subdomains, real and invented, open to forgery.",
     "Take sp out, so that p holds for subdomains too, or raise it."},
    {"DMARC-NP", kError, "np, where it is there, is quarantine or reject.", "RFC 9989 4.7 (draft-41)", true,
     "np decides for subdomains that do not exist, which is what forgers like to invent; without it sp or p does. "
     "Readers of RFC 7489 do not know the tag, and take sp or p.",
     "Take np out, or set it to reject."},
    {"DMARC-SP-DEAD", kInfo, "sp and np stand on the organizational domain's record only.", "RFC 9989 4.7 (draft-41)",
     false,
     "On the record of a subdomain they have no effect: names below it take their policy from the organizational "
     "domain. Whoever put them there expects a protection that is not given.",
     "Move the tag to the record of the organizational domain."},
    {"DMARC-PSD", kWarning, "psd says what is true of the domain, and does not part From from d= or the return path.",
     "RFC 9989 4.7, 4.10.2 (draft-41)", false,
     "psd=y declares a public suffix, under which every name belongs to somebody else; psd=n makes a domain its own "
     "organization. Wrongly set, either of them breaks the alignment of mail sent with a parent or a sibling domain.",
     "Take the psd tag out unless you run a public suffix."},
    {"DMARC-P-ORDER", kWarning, "p follows directly behind v.", "RFC 7489 6.4", false,
     "RFC 9989 lets the tags stand in any order; readers of RFC 7489 may refuse a record whose second tag is not "
     "p. It costs nothing to please both.",
     "Let p follow directly behind v."},
    {"DMARC-UNKNOWN", kInfo, "Every tag is one that the standard knows.", "RFC 9989 4.7 (draft-41)", false,
     "Unknown tags are ignored, silently: rue= or policy= are typing errors whose meaning is lost. No receiver "
     "tells you.",
     "Correct the tag's name, or take it out."},
    {"DMARC-RUA", kWarning, "rua names a mailto address for aggregate reports.", "RFC 9989 4.7 (draft-41), RFC 9990",
     false,
     "Reports are the only way to learn who else sends with your domain and what fails. Addresses without mailto: are "
     "not URIs and are ignored, and hardly anybody sends to https.",
     "Add rua=mailto: with an address that is read by somebody or something."},
    {"DMARC-RUA-EXT", kWarning, "A report address at another organization has that organization's consent in the DNS.",
     "RFC 9990 4 (draft), RFC 7489 7.1", false,
     "Reporters look for a TXT record v=DMARC1 at policy-domain._report._dmarc.host and send nothing if it is missing. "
     "The host has to publish it, with a wildcard if it likes.",
     "Ask the host to publish the record, or use an address of your own organization."},
    {"DMARC-RUA-MX", kWarning, "The host of the report address can receive mail.", "RFC 5321 5.1, RFC 7505", false,
     "Reports to a host without MX and address, or with a null MX, are lost, and nobody is told. A mistyped "
     "domain or a host that was given up is the usual cause.",
     "Correct the address, or publish an MX record for its domain."},
    {"DMARC-RUF", kInfo, "ruf is set knowingly.", "RFC 9991 (draft), RFC 9989 4.7 (draft-41)", false,
     "Failure reports may hold parts of messages with personal data; few receivers send them for this reason. "
     "Aggregate reports (rua) tell enough to run a domain by.",
     "Leave ruf out unless you are prepared to handle such data."},
    {"DMARC-FO", kInfo, "fo is valid and stands beside ruf.", "RFC 9989 4.7 (draft-41)", false,
     "fo says when failure reports are wanted: 0, 1, d or s, separated by colons. Without ruf it is ignored.",
     "Correct fo, or take it out."},
    {"DMARC-CNAME", kInfo, "An alias at _dmarc leads to a record.", "RFC 1034 3.6.2", false,
     "Receivers follow a CNAME like any other, which is how some services host the policy. Where it leads nowhere the "
     "domain has no policy of its own.",
     "Correct the target, or replace the CNAME by the TXT record itself."},
    {"DMARC-LOCATION", kWarning, "No DMARC record stands where no receiver looks.", "RFC 9989 4.5 (draft-41)", false,
     "Receivers ask for _dmarc below the domain and nothing else. A record at the domain itself, or at "
     "_dmarc.example.com.example.com, where a panel appended the zone, is never read.",
     "Move the record to _dmarc below the domain."},
    {"ALIGN-DKIM", kError, "A signature's d= is aligned with the From domain.", "RFC 9989 4.4.1, 8 (draft-41)", true,
     "DMARC counts a signature only if d= belongs to the From domain: the same organizational domain, with adkim=s the "
     "same "
     "name. A signature of the sending service alone is valid and yet worth nothing for DMARC. The standard lets "
     "aligned "
     "SPF stand in; our bar does not, because SPF breaks at every forwarder.",
     "Sign with a key of the From domain or, with relaxed alignment, of its organizational domain."},
    {"ALIGN-SPF", kWarning, "The return-path domain is aligned with the From domain.", "RFC 9989 4.4.2, 8 (draft-41)",
     true,
     "SPF counts for DMARC only if the envelope sender belongs to the From domain: the same organizational domain, "
     "with "
     "aspf=s the same name. One aligned mechanism is enough for DMARC; Gmail and Yahoo want bulk senders to have both "
     "SPF and DKIM, and full participation in the standard means both aligned.",
     "Use a return path below the From domain."},
    {"ALIGN-DIVERGE", kWarning, "Tree walk and public suffix list give the same organizational domain.",
     "RFC 9989 4.10.2 (draft-41), RFC 7489 3.2", false,
     "Receivers of the older standard take the organizational domain from the public suffix list, those of the newer "
     "one "
     "from the DNS. Where the two differ mail is aligned at one receiver and not at the next.",
     "Publish psd=n at your organizational domain, or a DMARC record at the name the list gives."},
    {"FROM-EXISTS", kError, "The From domain exists and can receive mail.",
     "RFC 9989 3.2.13 (draft-41); Microsoft sender guidelines", false,
     "Receivers refuse mail from a domain that does not exist, and Microsoft asks for From and Reply-To that can "
     "receive. "
     "A subdomain invented for sending is often forgotten in the zone.",
     "Publish an MX record for the From domain."},
};

}  // namespace

std::span<const CheckInfo> DmarcChecks() {
  return kDmarcChecks;
}

}  // namespace sealpost::dns
