// The frame of every page people see (one style sheet, no script) and HTML escaping.
#pragma once

#include <string>
#include <string_view>

#include "api/http/message.h"

namespace sealpost::http {

std::string EscapeHtml(std::string_view text);
// A whole page with title and body (HTML already); links the style sheet at /style.css (route added by AddPageAssets).
Response Page(int status, std::string_view title, std::string_view body_html);

class Router;
void AddPageAssets(Router& router);

}  // namespace sealpost::http
