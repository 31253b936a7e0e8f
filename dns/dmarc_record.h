// A DMARC policy record (RFC 9989 4.7, 4.8; RFC 7489 6.3, 6.4 for its older readers). Pure. The rules of RFC 9989 were
// checked in its last draft, draft-ietf-dmarc-dmarcbis-41.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/tag_list.h"

namespace sealpost::dns {

enum class Policy { kNone, kQuarantine, kReject };  // ordered by strictness
std::string_view PolicyName(Policy policy);

struct ReportAddress {
  std::string uri;   // as written, size suffix dropped
  std::string host;  // domain of a mailto, host of another URI; lower case
  bool mailto = false;
};

struct DmarcRecord {
  std::string text;
  std::optional<Policy> p, sp, np;
  bool strict_dkim = false;  // adkim=s
  bool strict_spf = false;   // aspf=s
  bool testing = false;      // t=y
  char psd = 'u';            // y, n or u
  unsigned percent = 100;    // pct=, historic since RFC 9989
  bool has_percent = false;
  std::vector<ReportAddress> rua, ruf;
  std::string fo;                          // "" if absent
  std::vector<std::string> historic_tags;  // pct, rf, ri if present
  std::vector<std::string> unknown_tags;
  std::vector<std::string> bad_policies;  // "p=quarantin": p, sp or np with a value that is none of the three
  std::vector<std::string> bad_values;    // other tags whose value falls back to its default; broken entries
  std::vector<std::string> bad_reports;   // entries of rua or ruf that are no URI, each with the reason
  bool policy_second = true;              // p stands directly behind v, as RFC 7489 6.4 wants it
};

// Is a candidate: "v" first, its value exactly DMARC1, blanks around "=" legal. Tag names are compared with case, as in
// RFC 6376 3.2: "V=DMARC1" is none, though the ABNF alone would let it pass; readers differ.
bool IsDmarcRecord(std::string_view text);
// `text` is the joined record and a candidate. Broken entries are passed over (RFC 9989 4.8, RFC 7489 6.3) and told in
// bad_values by their column; a tag that stands twice makes the whole list invalid (RFC 6376 3.2).
std::expected<DmarcRecord, TagError> ParseDmarc(std::string_view text);

}  // namespace sealpost::dns
