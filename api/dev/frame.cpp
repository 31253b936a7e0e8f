#include "api/dev/frame.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "mailer/base/crypto.h"

namespace sealpost::dev {
namespace {

constexpr std::size_t kMostImageBytes = 32u << 20;
constexpr std::string_view kPolicy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox";

// Types come from the mail: only what cannot leave the attribute it stands in.
bool IsImageType(std::string_view type) {
  return type.starts_with("image/") && std::ranges::all_of(type, [](unsigned char c) {
           return std::isalnum(c) || c == '/' || c == '+' || c == '-' || c == '.';
         });
}

const Part* FindImage(const Mail& mail, std::string_view content_id) {
  const auto found = std::ranges::find_if(mail.others, [&](const Part& part) {
    return !part.content_id.empty() && part.content_id == content_id && IsImageType(part.type);
  });
  return found == mail.others.end() ? nullptr : &*found;
}

}  // namespace

std::string InlineImages(const Mail& mail) {
  constexpr std::string_view kScheme = "cid:";
  std::string_view html = mail.html;
  std::string out;
  std::size_t image_bytes = 0;
  while (!html.empty()) {
    const std::size_t at = std::min(html.find(kScheme), html.size());
    out += html.substr(0, at);
    html.remove_prefix(at);
    if (html.empty()) break;
    const std::size_t end = std::min(html.find_first_of("\"'<>() \t\r\n"), html.size());
    const Part* image = FindImage(mail, html.substr(kScheme.size(), end - kScheme.size()));
    if (image && image_bytes + image->content.size() <= kMostImageBytes) {
      image_bytes += image->content.size();
      out += "data:" + image->type + ";base64," + base::Base64Encode(image->content);
    } else {
      out += html.substr(0, end);
    }
    html.remove_prefix(end);
  }
  return out;
}

http::Response FrameOf(const Mail& mail) {
  return {.status = 200,
          .content_type = "text/html; charset=utf-8",
          .body = InlineImages(mail),
          .headers = {{"Content-Security-Policy", std::string(kPolicy)}, {"X-Frame-Options", "SAMEORIGIN"}}};
}

}  // namespace sealpost::dev
