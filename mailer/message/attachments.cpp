#include "mailer/message/attachments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mailer/base/ascii.h"
#include "mailer/message/checks.h"
#include "mailer/message/encoding.h"
#include "mailer/model/utf8.h"

namespace sealpost::message {

namespace {

constexpr std::size_t kFilenameAtMost = 255;
constexpr std::size_t kExtensionAtMost = 16;
constexpr std::size_t kContentTypeAtMost = 256;
constexpr std::size_t kContentIdAtMost = 200;
constexpr std::string_view kUnknownType = "application/octet-stream";

using TypeOfExtension = std::pair<std::string_view, std::string_view>;
constexpr std::array kTypes = std::to_array<TypeOfExtension>({
    {"7z", "application/x-7z-compressed"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ics", "text/calendar"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"json", "application/json"},
    {"md", "text/markdown"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"vcf", "text/vcard"},
    {"wav", "audio/wav"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
});
static_assert(std::is_sorted(kTypes.begin(), kTypes.end()));

// From the dot on; empty if there is none worth keeping.
std::string_view Extension(std::string_view filename) {
  const std::size_t dot = filename.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || filename.size() - dot > kExtensionAtMost) return {};
  return filename.substr(dot);
}

// The prefix of at most `limit` octets that ends with a whole character.
std::string_view WholePrefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

// Octets of the parameter's value that `text` begins with, a token or a quoted string (RFC 2045 5.1); 0 if neither.
std::size_t ParameterValueLength(std::string_view text) {
  if (!text.starts_with('"')) {
    const std::string_view token = text.substr(0, text.find_first_of("; "));
    return IsToken(token) ? token.size() : 0;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

// type "/" subtype *(";" name "=" value), ASCII.
bool IsContentType(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::size_t end = std::min(text.find_first_of("; "), text.size());
  if (slash >= end || !IsToken(text.substr(0, slash)) || !IsToken(text.substr(slash + 1, end - slash - 1)))
    return false;
  text.remove_prefix(end);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return true;
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !IsToken(text.substr(0, equals))) return false;
    text.remove_prefix(equals + 1);
    const std::size_t length = ParameterValueLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

base::Result<std::string> ContentTypeOf(const Attachment& attachment, const std::string& field) {
  if (attachment.content_type.empty()) {
    std::string guessed(GuessContentType(attachment.filename));
    // Without a charset text is read as US-ASCII (RFC 2046 4.1.2).
    if (guessed.starts_with("text/") && IsValidUtf8(attachment.content)) guessed += "; charset=utf-8";
    return guessed;
  }
  const std::string& given = attachment.content_type;
  const bool is_ascii = std::all_of(given.begin(), given.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (given.size() > kContentTypeAtMost || !is_ascii || !IsContentType(given)) {
    return Refuse(field,
                  "must be a media type such as application/pdf, with parameters if any, at most 256 characters.");
  }
  const std::string lower = base::ToLower(given);
  // A composite type may not be base64 (RFC 2045 6.4), and anything else may not survive the way.
  if (lower.starts_with("multipart/") || lower.starts_with("message/")) {
    return Refuse(field, "is a composite media type, which cannot be attached as bytes; use application/octet-stream.");
  }
  return given.substr(0, given.find_last_not_of(' ') + 1);
}

base::Result<std::string> ContentIdOf(const Attachment& attachment, const std::string& field) {
  std::string_view id = attachment.content_id;
  if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
  if (id.size() > kContentIdAtMost || !IsVisibleAscii(id) ||
      id.find_first_of("<>()[]\\\",;:") != std::string_view::npos) {
    return Refuse(field, "must be 1 to 200 printable ASCII characters without space and < > ( ) [ ] \\ \" , ; :.");
  }
  return std::string(id);
}

// What every reader takes from a quoted string as it stands: some unescape "%41", some decode "=?...?=".
bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%' && c != '?';
}

struct FilenameForms {
  std::string ascii;     // "_" for what does not fit a quoted string
  std::string extended;  // RFC 2231; empty if `ascii` says it all
};

FilenameForms FormsOf(std::string_view filename) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  FilenameForms forms;
  bool is_plain = true;
  for (std::string_view rest = filename; !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(model::FirstCodePoint(rest).length, 1);
    const bool plain = length == 1 && IsPlain(rest.front());
    forms.ascii += plain ? rest.front() : '_';
    is_plain = is_plain && plain;
    for (const char c : rest.substr(0, length)) {
      const auto octet = static_cast<unsigned char>(c);
      if (IsToken({&c, 1}) && c != '*' && c != '\'' && c != '%') {
        forms.extended += c;
      } else {
        forms.extended += {'%', kHexDigits[octet >> 4], kHexDigits[octet & 0x0F]};
      }
    }
    rest.remove_prefix(length);
  }
  if (is_plain) forms.extended.clear();
  return forms;
}

}  // namespace

std::string SafeFilename(std::string_view filename) {
  std::string safe;
  while (!filename.empty()) {
    const model::CodePoint first = model::FirstCodePoint(filename);
    const std::size_t length = std::max<std::size_t>(first.length, 1);
    if (first.value == '/' || first.value == '\\') {
      safe += '_';
    } else if (!model::IsControl(first.value) && !model::IsBidiControl(first.value)) {
      safe += filename.substr(0, length);
    }
    filename.remove_prefix(length);
  }
  const std::size_t begin = std::min(safe.find_first_not_of(' '), safe.size());
  safe = safe.substr(begin, safe.find_last_not_of(' ') + 1 - begin);
  if (safe == "." || safe == "..") return {};
  if (safe.size() <= kFilenameAtMost) return safe;
  const std::string extension(Extension(safe));
  return std::string(WholePrefix(safe, kFilenameAtMost - extension.size())) + extension;
}

std::string_view GuessContentType(std::string_view filename) {
  const std::string extension = base::ToLower(Extension(filename));
  if (extension.empty()) return kUnknownType;
  const std::string_view word = std::string_view(extension).substr(1);
  const auto found =
      std::lower_bound(kTypes.begin(), kTypes.end(), word,
                       [](const TypeOfExtension& entry, std::string_view key) { return entry.first < key; });
  return found != kTypes.end() && found->first == word ? found->second : kUnknownType;
}

base::Result<std::string> AttachmentFields(const Attachment& attachment, bool is_inline, const std::string& field) {
  if (const auto check = CheckHeaderValue(attachment.filename, field + "/filename"); !check) {
    return std::unexpected(check.error());
  }
  const auto type = ContentTypeOf(attachment, field + "/content_type");
  if (!type) return type;
  std::string filename = SafeFilename(attachment.filename);
  if (filename.empty() && !is_inline) filename = "attachment";
  const FilenameForms forms = FormsOf(filename);
  std::string fields = "Content-Type: " + *type;
  std::string disposition = is_inline ? "Content-Disposition: inline" : "Content-Disposition: attachment";
  if (forms.extended.empty()) {
    if (!filename.empty()) disposition += ";\r\n filename=\"" + forms.ascii + "\"";
  } else {
    // One filename alone: given both, readers (GMime, Python) prefer the fallback. So that stands in the older `name`,
    // which is all that readers without RFC 2231 look for. No continuations: fewer readers join them than would mind a
    // line of 780 octets.
    if (base::ToLower(*type).find("name=") == std::string::npos) fields += ";\r\n name=\"" + forms.ascii + "\"";
    disposition += ";\r\n filename*=UTF-8''" + forms.extended;
  }
  fields += "\r\n" + disposition + "\r\n";
  if (!attachment.content_id.empty()) {
    const auto id = ContentIdOf(attachment, field + "/content_id");
    if (!id) return id;
    fields += "Content-ID: <" + *id + ">\r\n";
  }
  return fields;
}

}  // namespace sealpost::message
