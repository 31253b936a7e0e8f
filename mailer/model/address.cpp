#include "mailer/model/address.h"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "mailer/model/utf8.h"

namespace sealpost::model {

namespace {

constexpr std::size_t kLocalPartAtMost = 64;  // RFC 5321 4.5.3.1.1
constexpr std::size_t kAddressAtMost = 254;   // RFC 5321 4.5.3.1.3, without the angle brackets
constexpr std::size_t kHostNameAtMost = 253;  // RFC 1035 2.3.4 as text
constexpr std::size_t kLabelAtMost = 63;
constexpr std::size_t kSpellingAtMost = 1024;  // a U-label may be longer than its A-label; beyond this nothing fits

std::unexpected<base::Error> Wrong(std::string message) {
  return base::Fail(base::ErrorKind::kInvalid, std::move(message));
}

bool IsAlnum(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool IsAsciiOctet(unsigned char c) {
  return c < 0x80;
}
bool IsSpace(char c) {
  return c == ' ' || c == '\t';
}

// atext of RFC 5322 3.2.3, widened by RFC 6531 3.3 to everything outside ASCII.
bool IsAtext(unsigned char c) {
  return IsAlnum(c) || c >= 0x80 ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(c)) != std::string_view::npos;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

base::Result<void> CheckCharacters(std::string_view text, bool bidi_allowed) {
  while (!text.empty()) {
    const CodePoint first = FirstCodePoint(text);
    if (first.length == 0) return Wrong("It is not valid UTF-8.");
    if (IsControl(first.value) && first.value != '\t')
      return Wrong("It holds a control character or line break; leave it out.");
    if (!bidi_allowed && IsBidiControl(first.value)) {
      return Wrong("The address holds a character that changes the direction of text; leave it out.");
    }
    text.remove_prefix(first.length);
  }
  return {};
}

base::Result<void> CheckDotString(std::string_view local) {
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return Wrong("The local part (before the @) begins or ends with a dot or has two in a row.");
  }
  for (const char c : local) {
    if (c == '.' || IsAtext(static_cast<unsigned char>(c))) continue;
    return Wrong(
        "The local part (before the @) holds a character that is not allowed there unquoted: one of "
        "space ( ) < > [ ] : ; @ \\ , \". Give one address each, without comments or routes.");
  }
  return {};
}

// Octets of the quoted string `text` begins with, both quotes included; 0 if it is never closed.
std::size_t QuotedLength(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

base::Result<void> CheckHostName(std::string_view name) {
  if (name.size() > kHostNameAtMost) return Wrong("The domain is longer than 253 octets.");
  std::size_t labels = 0;
  bool numeric = false;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (label.empty()) return Wrong("The domain has an empty label: it begins or ends with a dot or has two in a row.");
    if (label.size() > kLabelAtMost) return Wrong("A label of the domain is longer than 63 octets.");
    if (label.front() == '-' || label.back() == '-')
      return Wrong("A label of the domain begins or ends with a hyphen.");
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return c == '-' || IsAlnum(static_cast<unsigned char>(c)); })) {
      return Wrong(
          "The domain holds a character that no host name may have; letters, digits, hyphens and dots are allowed.");
    }
    numeric = std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
    ++labels;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (labels < 2) return Wrong("The domain has a single label; give the whole name, such as example.com.");
  if (numeric) return Wrong("The domain is an IP address; give a host name.");
  return {};
}

// libidn2's own STD3 flag deletes forbidden ASCII characters (a_b.example becomes ab.example, another domain), so it
// stays off and CheckHostName holds the rule on the result, where forbidden characters are still visible.
base::Result<std::string> MapByUts46(const std::string& domain) {
  char* mapped = nullptr;
  const int code = idn2_to_ascii_8z(domain.c_str(), &mapped, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, decltype([](char* text) noexcept { idn2_free(text); })> owner(mapped);
  if (code != IDN2_OK) {
    return Wrong(std::string("The domain is no valid internationalized name (UTS 46): ") + idn2_strerror(code) + ".");
  }
  return std::string(mapped);
}

struct NameAndAddress {
  std::string name;
  std::string_view address;
};

// `text` ends in '>'. The name may be atoms, quoted strings or both (RFC 5322 phrase), and loosely any other text.
base::Result<NameAndAddress> SplitAtAngle(std::string_view text) {
  NameAndAddress parts;
  bool quoted = false, has_separator = false, has_at = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      if (c == '\\' && i + 1 < text.size()) ++i;
      parts.name += text[i];
    } else if (c == '<') {
      if (has_separator && has_at) return Wrong("It holds more than one address; give each on its own.");
      parts.address = Trim(text.substr(i + 1, text.size() - i - 2));
      return parts;
    } else {
      has_separator = has_separator || c == ',' || c == ';';
      has_at = has_at || c == '@';
      parts.name += c;
    }
  }
  return Wrong(quoted ? "A quote in the display name is never closed." : "A > stands without its <.");
}

std::string CleanName(std::string_view name) {
  std::string clean;
  while (!name.empty()) {
    const CodePoint first = FirstCodePoint(name);
    const std::size_t length = std::max<std::size_t>(first.length, 1);
    if (first.value == '\t') {
      clean += ' ';
    } else if (!IsBidiControl(first.value)) {
      clean += name.substr(0, length);
    }
    name.remove_prefix(length);
  }
  return std::string(Trim(clean));
}

}  // namespace

bool Address::NeedsSmtpUtf8() const {
  return !std::all_of(local.begin(), local.end(), IsAsciiOctet);
}

base::Result<std::string> ToAsciiDomain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty()) return Wrong("The domain is empty.");
  if (domain.size() > kSpellingAtMost) return Wrong("The domain is longer than 253 octets.");
  if (domain.find('\0') != std::string_view::npos) return Wrong("The domain holds a control character.");
  std::string ascii(domain);
  std::transform(ascii.begin(), ascii.end(), ascii.begin(), Lower);
  if (!std::all_of(ascii.begin(), ascii.end(), IsAsciiOctet) || ascii.find("xn--") != std::string::npos) {
    auto mapped = MapByUts46(ascii);
    if (!mapped) return mapped;
    ascii = std::move(*mapped);
  }
  if (const auto host = CheckHostName(ascii); !host) return std::unexpected(host.error());
  return ascii;
}

base::Result<Address> ParseAddress(std::string_view text) {
  if (text.empty()) return Wrong("The address is empty.");
  if (text.size() > kSpellingAtMost) return Wrong("The address is longer than 254 octets.");
  if (const auto characters = CheckCharacters(text, false); !characters) return std::unexpected(characters.error());

  const bool quoted = text.front() == '"';
  const std::size_t local_length = quoted ? QuotedLength(text) : text.rfind('@');
  if (quoted && local_length == 0) return Wrong("The quoted local part is never closed.");
  if (local_length >= text.size() || text[local_length] != '@')
    return Wrong("The address has no @ after its local part.");
  const std::string_view local = text.substr(0, local_length);
  const std::string_view domain = text.substr(local_length + 1);
  if (local.empty()) return Wrong("The local part (before the @) is empty.");
  if (local.size() > kLocalPartAtMost) return Wrong("The local part (before the @) is longer than 64 octets.");
  if (quoted) {
    // RFC 5321 knows no tab inside a quoted local part, though RFC 5322 would fold there.
    if (local.find('\t') != std::string_view::npos) return Wrong("The quoted local part holds a tab.");
  } else if (const auto atoms = CheckDotString(local); !atoms) {
    return std::unexpected(atoms.error());
  }
  if (domain.starts_with('[')) return Wrong("Address literals are not accepted; give a host name after the @.");
  if (domain.ends_with('.')) return Wrong("The domain ends with a dot; leave it out.");
  auto ascii = ToAsciiDomain(domain);
  if (!ascii) return std::unexpected(ascii.error());
  if (local.size() + 1 + ascii->size() > kAddressAtMost) return Wrong("The address is longer than 254 octets.");
  return Address{std::string(local), std::move(*ascii)};
}

base::Result<Mailbox> ParseMailbox(std::string_view text) {
  text = Trim(text);
  if (const auto characters = CheckCharacters(text, true); !characters) return std::unexpected(characters.error());
  NameAndAddress parts{{}, text};
  if (text.ends_with('>')) {
    auto split = SplitAtAngle(text);
    if (!split) return std::unexpected(split.error());
    parts = std::move(*split);
  }
  auto address = ParseAddress(parts.address);
  if (!address) return std::unexpected(address.error());
  return Mailbox{CleanName(parts.name), std::move(*address)};
}

std::string QuotePhrase(std::string_view name) {
  const auto plain = [&](std::size_t i) {
    // Two spaces in a row would be one after a relay unfolds the line, hence quoted.
    if (name[i] == ' ') return i > 0 && i + 1 < name.size() && name[i + 1] != ' ';
    return IsAtext(static_cast<unsigned char>(name[i]));
  };
  bool is_phrase = !name.empty();
  for (std::size_t i = 0; is_phrase && i < name.size(); ++i) is_phrase = plain(i);
  if (is_phrase) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string Format(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address.ToString();
  return QuotePhrase(mailbox.name) + " <" + mailbox.address.ToString() + ">";
}

}  // namespace sealpost::model
