#include "dns/spf_macro.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "dns/characters.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr std::string_view kLetters = "slodiphvcrt";
constexpr std::string_view kOnlyInExplanation = "crt";
constexpr std::string_view kVaries = "slopivhcrt";
constexpr std::size_t kLongestName = 253;
constexpr unsigned kAllParts = 0;
// No value has more parts than this; digits beyond it mean "all of them" and must not overflow.
constexpr unsigned kMostParts = 100'000;

struct Macro {
  char letter = 0;  // '%', '_' and '-' for the three escapes
  bool url_escape = false;
  unsigned parts = kAllParts;
  bool reverse = false;
  std::string_view delimiters = ".";
};
struct Piece {  // literal text, then the macro behind it
  std::string_view literal;
  std::optional<Macro> macro;
};
using Pieces = std::expected<std::vector<Piece>, std::string>;

// `inside` is what stands between "%{" and "}".
std::expected<Macro, std::string> ReadMacro(std::string_view inside) {
  const auto wrong = [&](const std::string& why) {
    return std::unexpected("the macro %{" + std::string(inside) + "} " + why);
  };
  Macro macro;
  if (inside.empty()) return wrong("is empty");
  const std::string letter = Lower(inside.substr(0, 1));
  if (kLetters.find(letter[0]) == std::string_view::npos) return wrong("does not exist: the letters are slodiphvcrt");
  macro.letter = letter[0];
  macro.url_escape = inside[0] != letter[0];

  std::size_t at = 1;
  for (; at < inside.size() && IsDigit(inside[at]); ++at)
    macro.parts = std::min(kMostParts, macro.parts * 10 + static_cast<unsigned>(inside[at] - '0'));
  if (at > 1 && macro.parts == 0) return wrong("keeps no part: the number must not be zero");
  if (at < inside.size() && (inside[at] == 'r' || inside[at] == 'R')) {
    macro.reverse = true;
    ++at;
  }
  if (at == inside.size()) return macro;
  macro.delimiters = inside.substr(at);
  if (macro.delimiters.find_first_not_of(kDelimiters) != std::string_view::npos)
    return wrong("must be a letter, a number, r, and delimiters out of . - + , / _ = in this order");
  return macro;
}

Pieces SplitPieces(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const std::size_t percent = text.find('%');
    Piece piece{text.substr(0, percent), std::nullopt};
    if (percent != std::string_view::npos) {
      text.remove_prefix(percent);
      std::size_t length = 2;
      const char next = text.size() > 1 ? text[1] : '\0';
      if (next == '{') {
        const std::size_t close = text.find('}');
        if (close == std::string_view::npos) return std::unexpected("a macro is not closed: \"}\" is missing");
        const auto macro = ReadMacro(text.substr(2, close - 2));
        if (!macro) return std::unexpected(macro.error());
        piece.macro = *macro;
        length = close + 1;
      } else if (next == '%' || next == '_' || next == '-') {
        piece.macro = Macro{.letter = next};
      } else {
        return std::unexpected("\"%\" must begin %{...}, %%, %_ or %-");
      }
      text.remove_prefix(length);
    } else {
      text = {};
    }
    pieces.push_back(piece);
  }
  return pieces;
}

bool AnyMacro(std::string_view text, std::string_view letters) {
  const Pieces pieces = SplitPieces(text);
  return pieces && std::ranges::any_of(*pieces, [&](const Piece& piece) {
           return piece.macro && letters.find(piece.macro->letter) != std::string_view::npos;
         });
}

// RFC 7208 7.3: everything but the unreserved characters of RFC 3986 2.3.
std::string UrlEscape(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || IsDigit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return escaped;
}

// The form of %{i}: parts that can be reversed by "r", which for IPv6 are nibbles.
std::string Dotted(const Ip& ip) {
  if (!ip.v6) return ToString(ip);
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string dotted;
  for (const std::uint8_t byte : ip.bytes) dotted += {kHex[byte >> 4], '.', kHex[byte & 15], '.'};
  dotted.pop_back();
  return dotted;
}

class Expander {
 public:
  explicit Expander(const MacroValues& values) : values_(values) {}

  std::string Expand(const Macro& macro) {
    if (macro.letter == '%') return "%";
    if (macro.letter == '_') return " ";
    if (macro.letter == '-') return "%20";
    const std::string value = Transform(Value(macro.letter), macro);
    return macro.url_escape ? UrlEscape(value) : value;
  }

 private:
  std::string Value(char letter) {
    const std::size_t at = values_.sender.rfind('@');
    const bool whole = at == std::string::npos;
    switch (letter) {
      case 's':
        return values_.sender;
      case 'l':
        return whole ? "postmaster" : values_.sender.substr(0, at);
      case 'o':
        return whole ? values_.sender : values_.sender.substr(at + 1);
      case 'd':
        return values_.domain;
      case 'i':
        return Dotted(values_.ip);
      case 'p':
        return Validated();
      case 'v':
        return values_.ip.v6 ? "ip6" : "in-addr";
      case 'h':
        return values_.helo;
      case 'c':
        return ToString(values_.ip);
      case 'r':
        return values_.receiver.empty() ? "unknown" : values_.receiver;
      default:
        return std::to_string(values_.now.time_since_epoch().count());
    }
  }
  const std::string& Validated() {
    if (!validated_) validated_ = values_.validated ? values_.validated() : "unknown";
    return *validated_;
  }
  static std::string Transform(const std::string& value, const Macro& macro) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = value;;) {
      const std::size_t end = rest.find_first_of(macro.delimiters);
      parts.push_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    if (macro.reverse) std::ranges::reverse(parts);
    const std::size_t kept = macro.parts == kAllParts ? parts.size() : std::min<std::size_t>(macro.parts, parts.size());
    std::string joined;
    for (std::size_t i = parts.size() - kept; i < parts.size(); ++i) {
      if (i > parts.size() - kept) joined += '.';
      joined += parts[i];
    }
    return joined;
  }

  const MacroValues& values_;
  std::optional<std::string> validated_;
};

}  // namespace

std::expected<void, std::string> CheckMacros(std::string_view text, MacroPlace place) {
  const char lowest = place == MacroPlace::kExplanation ? ' ' : '!';
  for (const char c : text)
    if (c < lowest || c > '~') return std::unexpected("only visible ASCII characters are allowed");
  const Pieces pieces = SplitPieces(text);
  if (!pieces) return std::unexpected(pieces.error());
  if (place == MacroPlace::kDomainSpec && AnyMacro(text, kOnlyInExplanation))
    return std::unexpected("the macros c, r and t are allowed in the text of an explanation only");
  return {};
}

bool HasMacros(std::string_view text) {
  return text.find('%') != std::string_view::npos;
}

bool VariesByMessage(std::string_view text) {
  return AnyMacro(text, kVaries);
}

std::string ExpandMacros(std::string_view text, const MacroValues& values, MacroPlace place) {
  Expander expander(values);
  std::string expanded;
  const Pieces pieces = SplitPieces(text);
  if (!pieces) return expanded;
  for (const Piece& piece : *pieces) {
    expanded += piece.literal;
    if (piece.macro) expanded += expander.Expand(*piece.macro);
  }
  if (place == MacroPlace::kExplanation) return expanded;
  if (expanded.ends_with('.')) expanded.pop_back();
  if (expanded.size() <= kLongestName) return expanded;
  // The first dot from which the rest is short enough; without one no name can be made, which asking will find.
  const std::size_t dot = expanded.find('.', expanded.size() - kLongestName - 1);
  return dot == std::string::npos ? expanded : expanded.substr(dot + 1);
}

std::string NameOf(std::string_view expanded) {
  std::string name;
  for (const char c : expanded) {
    if (c == '\\') name += '\\';
    name += c;
  }
  return name;
}

}  // namespace sealpost::dns
