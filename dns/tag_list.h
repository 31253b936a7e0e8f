// "tag=value; tag=value" as DKIM (RFC 6376 3.2), DMARC (RFC 9989 4.7), MTA-STS, TLS-RPT and BIMI records use it.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

struct Tag {
  std::string name;        // as written
  std::string value;       // blanks at both ends dropped, each inner one (a tab, a fold) a space
  std::size_t column = 0;  // 1-based place of the name
};

class TagList {
 public:
  explicit TagList(std::vector<Tag> tags) : tags_(std::move(tags)) {}
  const std::vector<Tag>& tags() const { return tags_; }
  // The first of that name, case-sensitive as in DKIM and DMARC; null if there is none.
  const Tag* Find(std::string_view name) const;
  std::optional<std::string> Value(std::string_view name) const;
  // Names that stand more than once.
  std::vector<std::string> Duplicates() const;

 private:
  std::vector<Tag> tags_;
};

struct TagError {
  std::size_t column = 0;
  std::string message;
};

// Blanks (space, tab, CR LF before a blank) around tags, "=" and ";" are legal, one ";" at the end too. Empty entries
// (";;"), entries without "=", names that are not ALPHA *ALNUMPUNC and bytes that are neither printable ASCII nor such
// blanks are errors; everything readable before is lost.
std::expected<TagList, TagError> ParseTagList(std::string_view text);

struct TagReading {
  TagList tags;
  std::vector<TagError> errors;  // of the entries left out
};
// The same grammar for formats that pass over broken entries (DMARC: RFC 9989 4.8, RFC 7489 6.3).
TagReading ReadTagList(std::string_view text);

// The stricter fields of MTA-STS and TLS-RPT (RFC 8461 3.1, RFC 8460 3): no blanks at "=", no empty value, names of
// letters, digits, "_", "-" and "." that begin with a letter or digit and have at most 32 characters.
std::expected<TagList, TagError> ParseFieldList(std::string_view text);
// "column 17: no \"=\" behind \"p\"".
std::string ToString(const TagError& error);

}  // namespace sealpost::dns
