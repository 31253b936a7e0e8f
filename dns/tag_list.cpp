#include "dns/tag_list.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "dns/characters.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMaxFieldName = 32;

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}
// RFC 6376 2.8: FWS, of which a published record rarely has more than spaces.
std::size_t BlankLength(std::string_view text, std::size_t at) {
  if (at < text.size() && IsBlank(text[at])) return 1;
  const bool folded = at + 2 < text.size() && text[at] == '\r' && text[at + 1] == '\n' && IsBlank(text[at + 2]);
  return folded ? 3 : 0;
}

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  while (const std::size_t length = BlankLength(text, at)) at += length;
  return at;
}

std::string_view DropBlanksAtEnd(std::string_view text) {
  while (!text.empty()) {
    const char last = text.back();
    if (!IsBlank(last) && last != '\r' && last != '\n') break;
    text.remove_suffix(1);
  }
  return text;
}

// Every blank as a space: a line break of a stranger's record must not reach a log or a report.
std::string WithSpaces(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t blank = BlankLength(text, at);
    plain += blank > 0 ? ' ' : text[at];
    at += std::max<std::size_t>(blank, 1);
  }
  return plain;
}

// Nothing, or the first byte that can stand in no value.
std::optional<TagError> UnprintableByte(std::string_view text, std::size_t from, std::size_t end) {
  for (std::size_t at = from; at < end;) {
    if (const std::size_t blank = BlankLength(text.substr(0, end), at)) {
      at += blank;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x21 || byte > 0x7e) {
      std::array<char, 8> shown{};
      std::snprintf(shown.data(), shown.size(), "0x%02X", byte);
      return TagError{at + 1, "byte " + std::string(shown.data()) + " is not printable ASCII"};
    }
    ++at;
  }
  return std::nullopt;
}

bool IsTagName(std::string_view name) {
  return !name.empty() && IsAlpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsAlpha(c) || IsDigit(c) || c == '_'; });
}

bool IsFieldName(std::string_view name) {
  const auto inner = [](char c) { return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kMaxFieldName && (IsAlpha(name.front()) || IsDigit(name.front())) &&
         std::all_of(name.begin(), name.end(), inner);
}

// text[from, end) is what stands between two semicolons.
std::expected<Tag, TagError> ReadEntry(std::string_view text, std::size_t from, std::size_t end, bool strict) {
  const std::size_t start = SkipBlanks(text.substr(0, end), from);
  if (start == end) return std::unexpected(TagError{from + 1, "an empty entry"});
  if (auto error = UnprintableByte(text, from, end)) return std::unexpected(*error);
  const std::string_view entry = text.substr(start, end - start);
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos) {
    const std::string shown = WithSpaces(DropBlanksAtEnd(entry));
    return std::unexpected(TagError{start + 1, "\"" + shown + "\" has no \"=\""});
  }
  const std::string_view written = entry.substr(0, equals);
  const std::string_view name = strict ? written : DropBlanksAtEnd(written);
  if (strict ? !IsFieldName(name) : !IsTagName(name))
    return std::unexpected(TagError{start + 1, "\"" + WithSpaces(name) + "\" is not a name"});
  const std::size_t value = SkipBlanks(entry, equals + 1);
  if (strict && value != equals + 1)
    return std::unexpected(TagError{start + equals + 2, "a blank behind \"" + std::string(name) + "=\""});
  Tag tag{std::string(name), WithSpaces(DropBlanksAtEnd(entry.substr(value))), start + 1};
  if (strict && tag.value.empty()) return std::unexpected(TagError{start + 1, "\"" + tag.name + "=\" has no value"});
  return tag;
}

TagReading ReadEntries(std::string_view text, bool strict) {
  std::vector<Tag> tags;
  std::vector<TagError> errors;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(';', from), text.size());
    const bool behind_last_semicolon = end == text.size() && from > 0 && SkipBlanks(text, from) == end;
    if (behind_last_semicolon) break;
    auto entry = ReadEntry(text, from, end, strict);
    if (entry)
      tags.push_back(std::move(*entry));
    else
      errors.push_back(std::move(entry.error()));
    from = end + 1;
  }
  return {TagList(std::move(tags)), std::move(errors)};
}

std::expected<TagList, TagError> OrFirstError(TagReading reading) {
  if (!reading.errors.empty()) return std::unexpected(std::move(reading.errors.front()));
  return std::move(reading.tags);
}

}  // namespace

const Tag* TagList::Find(std::string_view name) const {
  const auto found = std::find_if(tags_.begin(), tags_.end(), [&](const Tag& tag) { return tag.name == name; });
  return found == tags_.end() ? nullptr : &*found;
}

std::optional<std::string> TagList::Value(std::string_view name) const {
  const Tag* tag = Find(name);
  return tag ? std::optional(tag->value) : std::nullopt;
}

std::vector<std::string> TagList::Duplicates() const {
  std::vector<std::string> names;
  names.reserve(tags_.size());
  for (const Tag& tag : tags_) names.push_back(tag.name);
  std::sort(names.begin(), names.end());
  std::vector<std::string> twice;
  for (std::size_t i = 1; i < names.size(); ++i) {
    const bool told = !twice.empty() && twice.back() == names[i];
    if (names[i] == names[i - 1] && !told) twice.push_back(names[i]);
  }
  return twice;
}

std::expected<TagList, TagError> ParseTagList(std::string_view text) {
  return OrFirstError(ReadEntries(text, false));
}

TagReading ReadTagList(std::string_view text) {
  return ReadEntries(text, false);
}

std::expected<TagList, TagError> ParseFieldList(std::string_view text) {
  return OrFirstError(ReadEntries(text, true));
}

std::string ToString(const TagError& error) {
  return "column " + std::to_string(error.column) + ": " + error.message;
}

}  // namespace sealpost::dns
