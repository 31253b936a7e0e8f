#include "api/http/wire.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/http/field_text.h"
#include "api/http/problem.h"
#include "api/http/target.h"

namespace sealpost::http {
namespace {

constexpr std::array<std::string_view, 5> kOurs = {"Connection", "Content-Length", "Date", "Keep-Alive",
                                                   "Transfer-Encoding"};

std::string_view TakeLine(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find("\r\n"));
  rest.remove_prefix(std::min(line.size() + 2, rest.size()));
  return line;
}

void AppendClean(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  AppendClean(out, name);
  out += ": ";
  AppendClean(out, value);
  out += "\r\n";
}

// IMF-fixdate (RFC 9110 5.6.7): the date of mail with "GMT" for its zone.
std::string HttpDate(base::Time now) {
  std::string text = base::ToRfc5322(now);
  text.replace(text.rfind(' ') + 1, std::string::npos, "GMT");
  return text;
}

std::string LengthFor(const Response& response, const Framing& framing) {
  if (framing.to_head) {
    const auto given = std::ranges::find_if(response.headers,
                                            [](const auto& field) { return SameText(field.first, "Content-Length"); });
    if (given != response.headers.end()) return given->second;
  }
  return std::to_string(response.body.size());
}

}  // namespace

// Not by Poco's parser: it decodes RFC 2047 words in values, so that "=?utf-8?q?a=0D=0AX:_b?=" would put a CR LF past
// the guard.
std::expected<Request, Refusal> ParseHead(std::string_view head) {
  std::string_view line = TakeLine(head);
  const auto space = line.find(' ');
  auto target = ParseTarget(line.substr(space + 1, line.rfind(' ') - space - 1));
  if (!target) return std::unexpected(std::move(target.error()));
  Request request;
  request.method = line.substr(0, space);
  request.path = std::move(target->path);
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);
  for (line = TakeLine(head); !line.empty(); line = TakeLine(head)) {
    const auto colon = std::min(line.find(':'), line.size());
    const std::string_view value = Trim(line.substr(std::min(colon + 1, line.size())));
    const auto [place, fresh] = request.headers.try_emplace(std::string(line.substr(0, colon)), value);
    if (!fresh) place->second.append(", ").append(value);
  }
  if (!target->authority.empty()) request.headers["Host"] = std::move(target->authority);
  return request;
}

std::string WriteHead(const Response& response, const Framing& framing, base::Time now) {
  std::string out;
  out.reserve(1024);
  out += "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out += ReasonPhrase(response.status);
  out += "\r\n";
  AppendField(out, "Date", HttpDate(now));
  if (!response.content_type.empty()) AppendField(out, "Content-Type", response.content_type);
  AppendField(out, "Content-Length", LengthFor(response, framing));
  if (!framing.keep_alive) AppendField(out, "Connection", "close");
  for (const auto& [name, value] : response.headers) {
    if (std::ranges::none_of(kOurs, [&](std::string_view ours) { return SameText(ours, name); })) {
      AppendField(out, name, value);
    }
  }
  out += "\r\n";
  return out;
}

}  // namespace sealpost::http
