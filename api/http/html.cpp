#include "api/http/html.h"

#include "api/http/embedded.h"
#include "api/http/router.h"

namespace sealpost::http {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Response Page(int status, std::string_view title, std::string_view body_html) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n<title>";
  html += EscapeHtml(title);
  // An empty icon of its own keeps browsers from asking for /favicon.ico.
  html +=
      "</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n"
      "<body>\n<main>\n";
  html += body_html;
  html += "\n</main>\n</body>\n</html>\n";
  return {.status = status, .content_type = "text/html; charset=utf-8", .body = std::move(html), .headers = {}};
}

void AddPageAssets(Router& router) {
  router.Add("GET", "/style.css", Access::kPublic, [](const Request&) {
    return Response{.status = 200,
                    .content_type = "text/css; charset=utf-8",
                    .body = std::string(kPageCss),
                    .headers = {{"Cache-Control", "public, max-age=300"}}};
  });
}

}  // namespace sealpost::http
