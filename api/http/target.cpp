#include "api/http/target.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/http/field_text.h"

namespace sealpost::http {
namespace {

std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  if (!IsUtf8(out)) return std::nullopt;
  return out;
}

// Calls with each piece between separators, empty ones left out; stops at the first false.
template <class Visit>
bool ForEachPiece(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0 && !visit(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool ParsePath(std::string_view text, Target& target) {
  const bool good = ForEachPiece(text, '/', [&](std::string_view piece) {
    auto segment = Decode(piece, false);
    if (!segment) return false;
    target.path += '/';
    target.path += *segment;
    target.segments.push_back(std::move(*segment));
    return true;
  });
  if (target.path.empty()) target.path = "/";
  return good;
}

bool ParseQuery(std::string_view text, Target& target) {
  return ForEachPiece(text, '&', [&](std::string_view piece) {
    const auto equals = std::min(piece.find('='), piece.size());
    auto name = Decode(piece.substr(0, equals), true);
    auto value = Decode(piece.substr(std::min(equals + 1, piece.size())), true);
    if (!name || !value) return false;
    target.query.emplace(std::move(*name), std::move(*value));
    return true;
  });
}

}  // namespace

std::expected<Target, Refusal> ParseTarget(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  if (!text.starts_with('/')) {
    text.remove_prefix(std::min(text.find("://") + 3, text.size()));
    const auto end = std::min(text.find_first_of("/?"), text.size());
    target.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  const auto question = std::min(text.find('?'), text.size());
  if (!ParsePath(text.substr(0, question), target)) {
    return std::unexpected(Refusal{400, "The path is not percent-encoded UTF-8 (RFC 3986 2.1)."});
  }
  if (!ParseQuery(text.substr(std::min(question + 1, text.size())), target)) {
    return std::unexpected(Refusal{400, "The query is not percent-encoded UTF-8 (RFC 3986 2.1)."});
  }
  return target;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || i + length > text.size()) return false;
    char32_t point = first & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = (point << 6) | (next & 0x3fu);
    }
    const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

}  // namespace sealpost::http
