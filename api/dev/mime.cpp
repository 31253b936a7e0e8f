#include "api/dev/mime.h"

#include <algorithm>

#include "api/dev/header_text.h"
#include "mailer/message/encoding.h"

namespace sealpost::dev {
namespace {

constexpr std::size_t kHeadBytes = 256 * 1024;
constexpr std::size_t kMostFields = 1000;
constexpr std::size_t kMostParts = 200;
constexpr int kDeepest = 10;

using Fields = std::vector<std::pair<std::string, std::string>>;

// One line without its end; `text` goes on behind it.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Reads the fields up to the empty line; `text` is the body afterwards.
Fields TakeFields(std::string_view& text) {
  Fields fields;
  std::size_t bytes = 0;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) break;
    bytes += line.size();
    if (bytes > kHeadBytes) continue;  // the body is still to be found
    if (line.front() == ' ' || line.front() == '\t') {
      if (!fields.empty()) fields.back().second += line;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || fields.size() >= kMostFields) continue;
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    fields.emplace_back(line.substr(0, colon), value);
  }
  return fields;
}

std::string_view FindField(const Fields& fields, std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [&](const auto& field) { return EqualsIgnoringCase(field.first, name); });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

// True for the delimiter line of `boundary`; `last` tells its closing form.
bool IsDelimiter(std::string_view line, std::string_view boundary, bool& last) {
  if (!line.starts_with("--") || line.substr(2, boundary.size()) != boundary) return false;
  std::string_view rest = line.substr(2 + boundary.size());
  last = rest.starts_with("--");
  if (last) rest.remove_prefix(2);
  return rest.find_first_not_of(" \t") == std::string_view::npos;
}

// The bodies between the delimiters (RFC 2046 5.1.1), without the line end that belongs to the next delimiter.
std::vector<std::string_view> SplitMultipart(std::string_view body, std::string_view boundary) {
  std::vector<std::string_view> parts;
  std::string_view rest = body;
  const char* begin = nullptr;
  while (!rest.empty() && parts.size() < kMostParts) {
    const char* line_begin = rest.data();
    bool last = false;
    if (!IsDelimiter(TakeLine(rest), boundary, last)) continue;
    if (begin) {
      std::string_view part(begin, static_cast<std::size_t>(line_begin - begin));
      if (part.ends_with('\n')) part.remove_suffix(1);
      if (part.ends_with('\r')) part.remove_suffix(1);
      parts.push_back(part);
    }
    if (last) return parts;
    begin = rest.data();
  }
  // A message that was cut off, or one that hides its last part behind a missing end: show it.
  if (begin && parts.size() < kMostParts) parts.emplace_back(begin, body.data() + body.size() - begin);
  return parts;
}

std::string DecodeTransfer(std::string_view body, std::string_view encoding) {
  const std::string name = FirstWord(encoding);
  if (name == "base64") return DecodeBase64(body);
  if (name == "quoted-printable") return message::DecodeQuotedPrintable(body);
  return std::string(body);
}

class Reader {
 public:
  explicit Reader(Mail& mail) : mail_(mail) {}

  void Read(const Fields& fields, std::string_view body, int depth) {
    if (++parts_ > kMostParts) return;
    const std::string_view content_type = FindField(fields, "Content-Type");
    std::string type = FirstWord(content_type);
    if (type.empty()) type = "text/plain";
    const std::string boundary = Parameter(content_type, "boundary");
    if (type.starts_with("multipart/") && !boundary.empty() && depth < kDeepest) {
      for (std::string_view part : SplitMultipart(body, boundary)) {
        const Fields part_fields = TakeFields(part);
        Read(part_fields, part, depth + 1);
      }
      return;
    }
    Keep(fields, body, type, content_type);
  }

 private:
  void Keep(const Fields& fields, std::string_view body, const std::string& type, std::string_view content_type) {
    const std::string_view disposition = FindField(fields, "Content-Disposition");
    const bool attached = FirstWord(disposition) == "attachment";
    std::string content = DecodeTransfer(body, FindField(fields, "Content-Transfer-Encoding"));
    std::string* place = type == "text/plain" ? &mail_.text : type == "text/html" ? &mail_.html : nullptr;
    if (place && place->empty() && !attached) {
      *place = ToUtf8(content, Parameter(content_type, "charset"));
      return;
    }
    std::string filename = Parameter(disposition, "filename");
    if (filename.empty()) filename = Parameter(content_type, "name");
    std::string_view content_id = FindField(fields, "Content-ID");
    if (content_id.starts_with('<') && content_id.ends_with('>'))
      content_id = content_id.substr(1, content_id.size() - 2);
    mail_.others.push_back({type, std::move(filename), std::string(content_id), std::move(content)});
  }

  Mail& mail_;
  std::size_t parts_ = 0;
};

}  // namespace

std::string_view Mail::Field(std::string_view name) const {
  return FindField(fields, name);
}

Mail ReadHead(std::string_view raw) {
  Mail mail;
  std::string_view rest = raw;
  mail.fields = TakeFields(rest);
  mail.head = raw.substr(0, std::min(raw.size() - rest.size(), kHeadBytes));
  return mail;
}

Mail ReadMail(std::string_view raw) {
  Mail mail = ReadHead(raw);
  std::string_view body = raw;
  TakeFields(body);
  Reader(mail).Read(mail.fields, body, 0);
  return mail;
}

}  // namespace sealpost::dev
