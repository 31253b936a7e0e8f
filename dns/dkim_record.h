// The TXT record at selector._domainkey.domain (RFC 6376 3.6.1, 8301, 8463). Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/key_material.h"
#include "dns/tag_list.h"

namespace sealpost::dns {

struct DkimRecord {
  std::string key_type = "rsa";       // k=, whose case counts (3.2); default rsa
  std::string published;              // p=, blanks taken out; empty: revoked
  bool revoked = false;               // p= is there and empty
  std::vector<std::string> hashes;    // h=; empty: all
  std::vector<std::string> services;  // s=; empty: *
  bool testing = false;               // t=y
  bool strict_identity = false;       // t=s: i= must not be below d=
  std::vector<std::string> unknown_tags;

  bool ForEmail() const;      // s= is absent, "*" or holds email
  bool AllowsSha256() const;  // h= is absent or holds sha256
  // The key; nothing for a k= that is not rsa or ed25519.
  std::expected<PublicKey, std::string> Key() const;
};

// `text` is the joined record. An error: not a tag list, a tag twice, no p=, v= not first or not exactly DKIM1.
std::expected<DkimRecord, TagError> ParseDkimRecord(std::string_view text);
// The record to publish for a key: "v=DKIM1; k=rsa; p=...".
std::string DkimRecordFor(const PublicKey& key);

}  // namespace sealpost::dns
