// A readable plain-text part from an HTML part: paragraphs, line breaks, list items, "label (URL)" for links,
// headings, tables as lines; scripts, styles and comments dropped; entities decoded; lines ended by \n.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::templates {

// Pure; any input gives some text, never an error. Linear in the input.
std::string TextAlternative(std::string_view html);

}  // namespace sealpost::templates
