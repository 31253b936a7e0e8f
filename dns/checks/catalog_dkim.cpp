#include "dns/checks/catalog_families.h"

namespace sealpost::dns {
namespace {

constexpr CheckInfo kDkimChecks[] = {
    {"DKIM-NONE", kError, "A TXT record stands at selector._domainkey.domain, through CNAME and delegation alike.",
     "RFC 6376 3.6.2.1; Gmail, Yahoo, Microsoft sender guidelines", false,
     "Without the key no signature can be verified, and the mail counts as unsigned. Usually the selector in the DNS "
     "is "
     "not the one in the signature, or the panel appended the zone to a full name.",
     "Publish the key record at the selector that the mail is signed with."},
    {"DKIM-MULTI", kError, "There is exactly one TXT record at the selector.", "RFC 6376 3.6.2.2", false,
     "With two records the result is undefined: one receiver takes the first, another the last, a third gives up. It "
     "happens when a long key was entered as two records instead of two strings of one, or an old key was left there.",
     "Delete the record that is not the key you sign with; a long key is one record of several strings."},
    {"DKIM-SYNTAX", kError, "The record is a tag list without duplicates; v, if there, is first and exactly DKIM1.",
     "RFC 6376 3.2, 3.6.1", false,
     "A record that cannot be read is treated like none. Typical are quotes or backslashes that a panel added, a "
     "missing semicolon, and a p= whose beginning was lost.",
     "Publish the record again, exactly as given."},
    {"DKIM-KEYMATCH", kError, "The published key is the one the mail is signed with.", "RFC 6376 3.6.1, 6.1.3", false,
     "If the halves do not belong together every signature fails, though the record looks perfect. It happens when a "
     "key is generated again and the DNS still has the old one, or when two servers share a selector.",
     "Publish the public half of the key you sign with."},
    {"DKIM-REVOKED", kError, "The key is not revoked: p= is not empty.", "RFC 6376 3.6.1", false,
     "An empty p= says that this key must not be trusted any more; all signatures made with it fail. It is the proper "
     "end of a selector, but the mail must have moved to another one before.",
     "Sign with a new selector and publish its key; leave the old one revoked."},
    {"DKIM-BASE64", kError, "p= decodes to one whole key with nothing left over.", "RFC 6376 3.6.1", false,
     "A damaged key verifies nothing. Most often it was cut at 255 characters, the limit of one string: a 2048-bit key "
     "needs two strings in one record.",
     "Publish the whole key; where the panel has a limit, as two quoted strings in one record."},
    {"DKIM-WEAK", kError, "An RSA key has at least 1024 bits, better 2048, and at most 4096.",
     "RFC 8301 3.2; Gmail sender guidelines", false,
     "Keys under 1024 bits must not be accepted by verifiers. 1024 bits still pass but are within reach of a rich "
     "attacker; above 4096 verifiers need not try.",
     "Generate a 2048-bit key, publish it at a new selector and sign with that."},
    {"DKIM-ALG", kError, "k= fits the key, and h=, if there, holds sha256.", "RFC 6376 3.6.1, RFC 8301 3.1, RFC 8463",
     false,
     "A k= that is not the key's kind, or an h= that does not allow sha256, makes verifiers refuse the signature. A "
     "frequent mistake is h=rsa-sha256, which is no name of a hash.",
     "Take the h= tag out and let k= be rsa or ed25519, as the key is."},
    {"DKIM-EDONLY", kWarning, "Beside an Ed25519 key there is an RSA key.", "RFC 8463 3", false,
     "Several large receivers do not verify Ed25519 yet; for them mail with that signature alone is unsigned. "
     "Such a key belongs beside an RSA key, not in its place.",
     "Sign with an RSA selector too, and publish both."},
    {"DKIM-TEST", kWarning, "The key is not flagged as a test (t=y).", "RFC 6376 3.6.1", false,
     "t=y tells verifiers that the domain is only trying DKIM: some treat its signatures as if there were none. It is "
     "usually left over from the set-up.",
     "Take y out of the t= tag."},
    {"DKIM-STRICT-I", kError, "t=s is not set where mail is signed with an i= below d=.", "RFC 6376 3.6.1", false,
     "With t=s the domain of i= must be that of d= exactly; a signature with a subdomain there fails. Templates "
     "of key records often carry t=s without need.",
     "Take s out of the t= tag, or sign without i=."},
    {"DKIM-SERVICE", kError, "s=, if there, is * or holds email.", "RFC 6376 3.6.1", false,
     "A key for other services is ignored for mail. The tag is rare, and mostly a selector written in the wrong place.",
     "Take the s= tag out."},
    {"DKIM-CNAME", kError, "A CNAME at the selector leads to a name that exists.", "RFC 6376 3.6.2.1, RFC 1034 3.6.2",
     false,
     "Where the alias leads nowhere there is no key, and the mail is unsigned for every receiver. It happens when the "
     "service that hosted the key was left, or the target was mistyped; an alias to a foreign zone also means that "
     "its owner decides what your mail is signed with. A circle of aliases makes most resolvers answer SERVFAIL: it "
     "is then reported as a record that could not be asked for.",
     "Correct the target, or replace the CNAME by the TXT record itself."},
    {"DKIM-WILDCARD", kWarning, "Selectors that do not exist have no TXT record.", "RFC 6376 3.6.2", false,
     "A wildcard answers for every selector, so that a missing or mistyped key looks as if it were there, with "
     "the text of something else. Checkers that guess selectors are misled as well.",
     "Narrow the wildcard so that it does not cover _domainkey."},
    {"DKIM-DUP", kWarning, "Each signing domain has a key of its own.", "M3AAWG DKIM key rotation best practices",
     false,
     "Where domains of several customers share one key, whoever has it can sign for all of them, and replacing it "
     "needs all of them at once. It comes from setting up every domain with a copy of the same files.",
     "Generate one key a domain."},
    {"DKIM-SIZE", kWarning, "The answer with the key fits 1232 bytes, or TCP works at every server.",
     "RFC 6891 6.2.5, RFC 7766 5", false,
     "Larger answers are cut and asked for again over TCP. Where a firewall blocks TCP port 53, receivers behind such "
     "a "
     "path never see the key.",
     "Open TCP port 53 at every name server of the zone, or use a 2048-bit key."},
};

}  // namespace

std::span<const CheckInfo> DkimChecks() {
  return kDkimChecks;
}

}  // namespace sealpost::dns
