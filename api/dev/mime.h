// Takes a message apart for showing (RFC 5322, 2045, 2046). Tolerant and bounded: whatever the bytes, it answers with
// what could be read. The judge of what we compose is elsewhere; this only lays it out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealpost::dev {

struct Part {
  std::string type;        // "image/png", lower case
  std::string filename;    // UTF-8, may be empty
  std::string content_id;  // without brackets, may be empty
  std::string content;     // transfer encoding taken off
};

struct Mail {
  std::vector<std::pair<std::string, std::string>> fields;  // in order, unfolded, not decoded
  std::string head;                                         // the header section as sent
  std::string text, html;                                   // UTF-8; the first part of that type that is no attachment
  std::vector<Part> others;                                 // everything else

  // The first field of that name (any case), unfolded; "" if there is none.
  std::string_view Field(std::string_view name) const;
};

// At most 1,000 fields, 256 KiB of header, 200 parts, 10 levels of multiparts; what is beyond is left out.
Mail ReadMail(std::string_view raw);
// The header section alone.
Mail ReadHead(std::string_view raw);

}  // namespace sealpost::dev
