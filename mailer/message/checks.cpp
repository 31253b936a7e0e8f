#include "mailer/message/checks.h"

#include <algorithm>

#include "mailer/base/ascii.h"
#include "mailer/message/encoding.h"
#include "mailer/message/headers.h"

namespace sealpost::message {

namespace {

constexpr std::string_view kTspecials = "()<>@,;:\\\"/[]?=";
constexpr std::string_view kUriMarks = "-._~:/?#[]@!$&'()*+,;=%";

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::unexpected<base::Error> NotUtf8(const std::string& field) {
  return base::Fail(base::ErrorKind::kInvalid, "`" + field + "` is not valid UTF-8.", field);
}

}  // namespace

base::Result<void> CheckHeaderValue(std::string_view value, const std::string& field) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return base::Fail(base::ErrorKind::kInvalid,
                      "`" + field + "` holds a line break or NUL, which a header cannot; leave it out.", field);
  }
  if (!IsValidUtf8(value)) return NotUtf8(field);
  return {};
}

base::Result<void> CheckBody(std::string_view body, const std::string& field) {
  if (body.find('\0') != std::string_view::npos) {
    return base::Fail(base::ErrorKind::kInvalid, "`" + field + "` holds a NUL character, which mail cannot carry.",
                      field);
  }
  if (!IsValidUtf8(body)) return NotUtf8(field);
  return {};
}

bool IsVisibleAscii(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool IsToken(std::string_view text) {
  return IsVisibleAscii(text) && text.find_first_of(kTspecials) == std::string_view::npos;
}

bool IsUri(std::string_view text) {
  const std::string scheme = base::ToLower(text.substr(0, text.find(':')));
  if (scheme != "https" && scheme != "http" && scheme != "mailto") return false;
  return text.size() > scheme.size() + 1 && text.size() <= kWordAtMost &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || kUriMarks.find(c) != std::string_view::npos; });
}

std::unexpected<base::Error> Refuse(const std::string& field, const std::string& what) {
  return base::Fail(base::ErrorKind::kInvalid, "`" + field + "` " + what, field);
}

}  // namespace sealpost::message
