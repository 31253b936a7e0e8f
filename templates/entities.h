// HTML character references (HTML Standard 13.2.5.72), the ones that mails use.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::templates {

// `text` starts at '&'. Appends the character in UTF-8 and returns how many bytes of `text` it took; 0, with nothing
// appended, if this is no reference we know. A number that names no character becomes U+FFFD.
std::size_t DecodeEntity(std::string_view text, std::string& out);

}  // namespace sealpost::templates
