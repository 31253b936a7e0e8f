#include "api/dev/header_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "mailer/base/ascii.h"
#include "mailer/base/crypto.h"
#include "mailer/message/encoding.h"
#include "mailer/model/utf8.h"

namespace sealpost::dev {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kSpace = " \t\r\n";
constexpr int kMostContinuations = 50;

// 0x80 to 0x9f of Windows-1252; browsers read ISO-8859-1 so as well.
constexpr std::array<char32_t, 32> kWindows1252 = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
                                                   0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

void AppendCodePoint(std::string& out, char32_t value) {  // of the basic plane
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xc0 | (value >> 6));
    out += static_cast<char>(0x80 | (value & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (value >> 12));
    out += static_cast<char>(0x80 | ((value >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (value & 0x3f));
  }
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string Unescape(std::string_view text, char mark) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at]));
    };
    if (text[i] == mark && digit(i + 1) && digit(i + 2)) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Word {
  std::string charset, content;
  std::size_t length = 0;  // of the whole encoded word
};

// "=?charset*language?B or Q?...?=" at the start of `text`.
std::optional<Word> ReadWord(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 3 > text.size() || text[charset_end + 2] != '?') {
    return std::nullopt;
  }
  const std::size_t begin = charset_end + 3;
  const std::size_t end = text.find("?=", begin);
  if (end == std::string_view::npos) return std::nullopt;
  std::string encoded(text.substr(begin, end - begin));
  if (encoded.find_first_of(" \t") != std::string::npos) return std::nullopt;

  Word word{.charset = std::string(text.substr(2, charset_end - 2)), .content = {}, .length = end + 2};
  word.charset.resize(std::min(word.charset.find('*'), word.charset.size()));
  const char encoding = text[charset_end + 1];
  if (encoding == 'B' || encoding == 'b') {
    word.content = DecodeBase64(encoded);
  } else if (encoding == 'Q' || encoding == 'q') {
    std::ranges::replace(encoded, '_', ' ');
    word.content = Unescape(encoded, '=');
  } else {
    return std::nullopt;
  }
  return word;
}

// "name=value" pieces between semicolons outside quotes.
std::optional<std::string> RawParameter(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos && at < value.size()) {
    std::string piece;
    bool quoted = false;
    for (++at; at < value.size() && (quoted || value[at] != ';'); ++at) {
      if (value[at] == '"') {
        quoted = !quoted;
      } else {
        if (quoted && value[at] == '\\' && at + 1 < value.size()) ++at;
        piece += value[at];
      }
    }
    const std::size_t equals = piece.find('=');
    if (equals != std::string::npos && EqualsIgnoringCase(Trim(std::string_view(piece).substr(0, equals)), name)) {
      return std::string(Trim(std::string_view(piece).substr(equals + 1)));
    }
  }
  return std::nullopt;
}

// RFC 2231: charset'language'percent-encoded.
std::string DecodeExtended(std::string_view value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return ToUtf8(Unescape(value, '%'), "");
  return ToUtf8(Unescape(value.substr(second + 1), '%'), value.substr(0, first));
}

}  // namespace

std::string ToUtf8(std::string_view bytes, std::string_view charset) {
  static constexpr std::array<std::string_view, 4> kOneByte = {"iso-8859-1", "windows-1252", "latin1", "cp1252"};
  const bool one_byte = std::ranges::find(kOneByte, base::ToLower(charset)) != kOneByte.end();
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto octet = static_cast<unsigned char>(bytes.front());
    const std::size_t length = one_byte && octet >= 0x80 ? 0 : model::FirstCodePoint(bytes).length;
    if (length > 0) {
      out += bytes.substr(0, length);
    } else if (one_byte) {
      AppendCodePoint(out, octet < 0xa0 ? kWindows1252[octet - 0x80] : octet);
    } else {
      out += kReplacement;
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string DecodeWords(std::string_view value) {
  std::string out;
  // Neighbouring words of one charset are joined before decoding: enough mailers cut within a character.
  std::string pending, charset;
  const auto flush = [&] {
    out += ToUtf8(pending, charset);
    pending.clear();
  };
  while (!value.empty()) {
    const std::size_t start = std::min(value.find("=?"), value.size());
    const std::string_view between = value.substr(0, start);
    value.remove_prefix(start);
    const std::optional<Word> word = ReadWord(value);
    // White space between two encoded words is not part of the text (RFC 2047 6.2).
    if (!between.empty() && (pending.empty() || !word || !Trim(between).empty())) {
      flush();
      out += ToUtf8(between, "");
    }
    if (!word) {
      flush();
      out += ToUtf8(value.substr(0, 2), "");
      value.remove_prefix(std::min<std::size_t>(2, value.size()));
      continue;
    }
    if (!EqualsIgnoringCase(word->charset, charset)) flush();
    charset = word->charset;
    pending += word->content;
    value.remove_prefix(word->length);
  }
  flush();
  return out;
}

std::string FirstWord(std::string_view value) {
  return base::ToLower(Trim(value.substr(0, value.find(';'))));
}

std::string Parameter(std::string_view value, std::string_view name) {
  const std::string key(name);
  if (const auto extended = RawParameter(value, key + "*")) return DecodeExtended(*extended);
  if (const auto plain = RawParameter(value, key)) return DecodeWords(*plain);
  std::string joined;
  bool is_extended = false;
  for (int i = 0; i < kMostContinuations; ++i) {
    const std::string part = key + "*" + std::to_string(i);
    const auto extended = RawParameter(value, part + "*");
    const auto plain = extended ? std::nullopt : RawParameter(value, part);
    if (!extended && !plain) break;
    is_extended |= extended.has_value();
    joined += extended ? *extended : *plain;
  }
  return is_extended ? DecodeExtended(joined) : ToUtf8(joined, "");
}

std::string DecodeBase64(std::string_view encoded) {
  std::string digits;
  digits.reserve(encoded.size());
  for (const char c : encoded) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/') digits += c;
  }
  if (digits.size() % 4 == 1) digits.pop_back();
  // The bits beyond the last octet may be anything here; a strict decoder wants them zero.
  if (const std::size_t odd = digits.size() % 4; odd != 0) {
    digits += std::string(4 - odd, 'A');
    std::string bytes = base::Base64Decode(digits).value_or("");
    if (!bytes.empty()) bytes.resize(bytes.size() - (4 - odd));
    return bytes;
  }
  return base::Base64Decode(digits).value_or("");
}

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  return left.size() == right.size() && base::ToLower(left) == base::ToLower(right);
}

}  // namespace sealpost::dev
