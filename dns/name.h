// Domain names as text: labels joined by dots, no trailing dot, raw bytes; a dot or backslash inside a label is escaped
// by a backslash. Compared without ASCII case (RFC 4343). Pure functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

std::string Lower(std::string_view text);  // ASCII only
bool SameName(std::string_view a, std::string_view b);
// `name` is `ancestor` or stands below it. The empty name is the root, above all.
bool IsWithin(std::string_view name, std::string_view ancestor);
// First label first.
std::vector<std::string_view> Labels(std::string_view name);
// Without the first label; empty for a name of one label.
std::string_view Parent(std::string_view name);
// May be asked for: at least one label, each 1..63 bytes, 253 bytes at most (RFC 1035 2.3.4).
bool IsQueryable(std::string_view name);
// A host or mail domain: queryable, letters, digits and hyphens (not at a label's ends), at least two labels, the last
// not all digits (RFC 5321 4.1.2, RFC 3696 2). A-labels pass.
bool IsHostname(std::string_view name);

// What an operator types as a domain: trailing dot dropped, IDNA 2008 to A-labels, lower case. Otherwise a sentence
// that names the text and what is wrong with it.
std::expected<std::string, std::string> ToAscii(std::string_view typed);
// For people: A-labels as U-labels; the text itself where that is not possible.
std::string ToUnicode(std::string_view name);

}  // namespace sealpost::dns
