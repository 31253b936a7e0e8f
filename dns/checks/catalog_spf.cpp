#include "dns/checks/catalog_families.h"

namespace sealpost::dns {
namespace {

constexpr CheckInfo kSpfChecks[] = {
    {"SPF-NONE", kError, "The return-path domain has a TXT record that begins with v=spf1.",
     "RFC 7208 4.5; Gmail, Yahoo, Microsoft sender guidelines", false,
     "Without the record no receiver can tell your servers from anybody else's, and SPF ends as none. Large receivers "
     "refuse or defer bulk mail that lacks it. Usually it was published at another name than the one in the envelope "
     "sender, or the panel appended the zone to a full name.",
     "Publish one SPF record at the return-path domain that names the addresses your mail leaves from."},
    {"SPF-MULTI", kError, "There is exactly one SPF record at the name, even if the others say the same.",
     "RFC 7208 3.2, 4.5", false,
     "With two records receivers stop with permerror and read neither of them. It happens when a new provider's "
     "instructions say to add a record while one is there already.",
     "Merge them into one record and delete the others."},
    {"SPF-SYNTAX", kError, "The whole record can be read, terms behind a match included.", "RFC 7208 4.6, 12", false,
     "One misspelt term makes the whole record a permerror for every sender, even if an earlier term would have "
     "matched. Typical are a blank after a colon, a missing blank between two terms, and ipv4: for ip4:.",
     "Correct the term, or remove it."},
    {"SPF-NONASCII", kError, "The record holds printable US-ASCII only, and only spaces between its terms.",
     "RFC 7208 3.1, 4.6.1", false,
     "A no-break space, a curly quote or a line end cannot be seen in a panel, but receivers read it as part of a "
     "term and stop with permerror. It comes from copying the record out of a web page or a document.",
     "Type the record again by hand instead of pasting it."},
    {"SPF-IP-PASS", kError, "Every address that mail leaves from gets pass for the return-path domain.",
     "RFC 7208 2.6.3; Gmail, Yahoo, Microsoft sender guidelines", false,
     "The record is evaluated for each of your addresses exactly as a receiver does it. An address that gets less than "
     "pass loses SPF for everything sent from it, and IPv6 addresses are the ones most often forgotten. Mail then "
     "rests on DKIM alone, and some receivers refuse it at once.",
     "Add the missing addresses to the record, before its all term."},
    {"SPF-LOOKUPS", kError, "No sender makes a receiver look up more than 10 terms, included records counted.",
     "RFC 7208 4.6.4", false,
     "The terms include, a, mx, ptr, exists and redirect cost one lookup each; at the eleventh receivers stop with "
     "permerror. An early match hides this: the first address passes while mail from another one fails. Providers "
     "also add includes inside their own record, so that the count grows without any change of yours.",
     "Drop includes of services that no longer send for you, and replace a and mx terms by ip4 and ip6."},
    {"SPF-VOID", kError, "At most 2 lookups end without an answer.", "RFC 7208 4.6.4", false,
     "After two names that do not exist or are empty, receivers should stop with permerror; the limit is a SHOULD, so "
     "that some do and some do not. The dead names are usually leftovers of a service that was given up.",
     "Remove the terms whose names are dead."},
    {"SPF-MX10", kError, "No mx term names a domain with more than 10 MX records.", "RFC 7208 4.6.4", false,
     "Receivers look at 10 MX hosts at most and end with permerror if there are more. It happens where an mx term "
     "points to a large provider's domain.",
     "Replace the mx term by ip4 and ip6 terms."},
    {"SPF-PTR10", kWarning, "A sending address has at most 10 PTR names where the record uses ptr.",
     "RFC 7208 4.6.4, 5.5", false,
     "Receivers look at the first 10 names in an order nobody controls and ignore the rest, so that the term "
     "matches on one day and not on the next. It happens on hosts that many domains share.",
     "Replace the ptr term by ip4 and ip6 terms, and keep one PTR record an address."},
    {"SPF-INCLUDE-NONE", kError, "Every include and redirect leads to exactly one readable SPF record.",
     "RFC 7208 5.2, 6.1", false,
     "An include of a name that has no record, or a broken one, turns the whole evaluation into permerror as soon as a "
     "receiver comes to it. Providers move or delete their records, and nobody tells those who include them.",
     "Ask the provider for the name to include today, or remove the term."},
    {"SPF-LOOP", kError, "No record includes itself or redirects to itself, on any way round.", "RFC 7208 4.6.4, 5.2",
     false,
     "A circle uses up the 10 lookups and ends with permerror. It arises when two domains of one owner include each "
     "other, or a record its own name.",
     "Take one of the terms out of the circle."},
    {"SPF-PLUSALL", kError, "The record does not let the whole internet pass, by itself or through an include.",
     "RFC 7208 5.1, 8.3", false,
     "With +all, a bare all or ip4:0.0.0.0/0 every forger gets an SPF pass, and by it a DMARC pass, for your domain. "
     "Receivers treat such records as a sign of abuse. A network of /8 or more (IPv6: /16) is hardly better.",
     "End the record with ~all or -all and name only networks that are yours."},
    {"SPF-NEUTRAL", kWarning, "The record ends with ~all or -all, or hands over with redirect.", "RFC 7208 4.7, 8.2",
     false,
     "?all, or no all at all, says nothing about other senders: receivers treat it as if there were no record. It "
     "is a leftover of a trial, or the end of the record was lost when it was edited.",
     "End the record with ~all, or with -all once all senders are known."},
    {"SPF-ALL-POS", kWarning, "all is the last term, and redirect does not stand beside it.", "RFC 7208 5.1, 6.1",
     false,
     "all always matches: terms behind it are never read, and a redirect beside it is ignored. It happens when a term "
     "is added at the end of the line.",
     "Move all to the end, or drop what follows it."},
    {"SPF-DUPMOD", kError, "redirect and exp stand at most once.", "RFC 7208 6", false,
     "A second one makes the record a permerror. It comes from merging two records without care.", "Keep one of them."},
    {"SPF-PTR", kWarning, "The record uses neither ptr nor the macro %{p}.", "RFC 7208 5.5, 7.2", false,
     "The mechanism is slow, loads other people's name servers and fails where their reverse zone does. The standard "
     "says not to publish it, and some large receivers skip it.",
     "Replace ptr by ip4 and ip6 terms."},
    {"SPF-MACRO", kInfo, "Macros are known, with what they become for your addresses.", "RFC 7208 7", false,
     "A term with a macro is another name for every message, so that no static count of lookups holds for all. "
     "Many online checkers look up the literal text and report an error that is none.",
     "Nothing to do; judge such a record by evaluating it, not by reading it."},
    {"SPF-SIZE", kWarning, "The record is at most 450 bytes long, and the whole answer fits 512 bytes.", "RFC 7208 3.4",
     false,
     "A larger answer comes over TCP or not at all: some firewalls and small resolvers lose it, and SPF then ends as "
     "temperror. All TXT records of the name count, those of verification services too.",
     "Shorten the record, and delete TXT records that are no longer needed."},
    {"SPF-STRINGS", kWarning, "The strings of the record join to what was meant: no words are glued, none is torn.",
     "RFC 7208 3.3", false,
     "Receivers join the strings of a TXT record with nothing between. Where the blank at the seam is missing, mx and "
     "include:a.example become mxinclude:a.example, which no receiver understands.",
     "Put a space at the end of the first string, or publish the record in one string if it has at most 255 bytes."},
    {"SPF-TYPE99", kInfo, "No leftover of the record type 99 or of Sender ID (spf2.0) stands there.", "RFC 7208 3.1",
     false, "Nobody reads them any more. They do no harm until somebody edits them in the belief that they count.",
     "Delete them."},
    {"SPF-WRONGPLACE", kWarning, "Nothing that looks like an SPF record stands where no receiver reads it.",
     "RFC 7208 4.5", false,
     "A blank or a quote before v=spf1, or v=spf1; with a semicolon, makes it an ordinary text that receivers pass "
     "over. So does a record at _spf.example.com alone, or at example.com.example.com, where a panel appended the "
     "zone to a full name.",
     "Publish the record at the return-path domain itself, beginning exactly with v=spf1 and a space."},
    {"SPF-WILDCARD", kWarning, "No wildcard gives an SPF record to names that nobody uses.", "RFC 7208 3.5", false,
     "With *.example.com every made-up name below the domain has your record, and other TXT questions such as those "
     "for "
     "DKIM and DMARC are answered with it too. It is mostly a catch-all of a web host.",
     "Replace the wildcard by records at the names that send."},
    {"SPF-HELO", kWarning, "Every HELO name has the sending address and an SPF result that is not fail.",
     "RFC 7208 2.3, 2.4", false,
     "Bounces have an empty envelope sender; receivers then check SPF for the HELO name. A name without a record gives "
     "none, which is legal but leaves bounces unauthenticated.",
     "Publish v=spf1 a -all at the HELO name, and let it have the address it greets with."},
    {"SPF-TEMP", kError, "All names the SPF record leads to can be looked up.", "RFC 7208 2.6.6", false,
     "A name server that answers SERVFAIL or not at all gives temperror: receivers defer the mail or treat it as not "
     "authenticated. Nothing is known about the record itself until the question is answered.",
     "Look at the name servers of the zone named, and check again."},
};

}  // namespace

std::span<const CheckInfo> SpfChecks() {
  return kSpfChecks;
}

}  // namespace sealpost::dns
