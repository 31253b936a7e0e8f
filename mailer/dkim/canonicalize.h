// The relaxed canonicalizations of RFC 6376 3.4.2 and 3.4.4. Pure functions over CRLF text.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::dkim {

// Appends "name:value" without a line end: the name in lower case, the value unfolded, every run of white space one
// space, none at its ends. `value` is what follows the colon.
void AppendRelaxedField(std::string_view name, std::string_view value, std::string& out);

// No white space at line ends, every run of it inside a line one space, no empty lines at the end. An empty body
// stays empty; any other ends in CRLF.
std::string RelaxedBody(std::string_view body);

}  // namespace sealpost::dkim
