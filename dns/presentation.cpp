// Records as a zone file has them (RFC 1035 5.1).
#include <string>

#include "dns/wire.h"

namespace sealpost::dns {
namespace {

bool IsPrintable(char c) {
  return c > 0x20 && c < 0x7f;
}

std::string Decimal(char c) {
  const unsigned value = static_cast<unsigned char>(c);
  const std::string digits = std::to_string(value);
  return "\\" + std::string(3 - digits.size(), '0') + digits;
}

std::string Escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    // A dot and a backslash of a label carry their backslash already (name.h).
    if (!IsPrintable(c)) {
      text += Decimal(c);
    } else if (std::string_view("\"();@$").contains(c)) {
      text += {'\\', c};
    } else {
      text += c;
    }
  }
  return text;
}

std::string Name(const std::string& name) {
  return Escaped(name) + ".";
}

std::string QuotedString(const std::string& string) {
  std::string text = "\"";
  for (const char c : string) {
    if (c == '"' || c == '\\') {
      text += {'\\', c};
    } else {
      text += IsPrintable(c) || c == ' ' ? std::string(1, c) : Decimal(c);
    }
  }
  return text + "\"";
}

std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const unsigned value = static_cast<unsigned char>(c);
    text += {kDigits[value >> 4], kDigits[value & 0xf]};
  }
  return text;
}

struct Present {
  std::string operator()(const Ip& ip) const { return ToString(ip); }
  std::string operator()(const Host& host) const { return Name(host.name); }
  std::string operator()(const Mx& mx) const { return std::to_string(mx.preference) + " " + Name(mx.exchange); }
  std::string operator()(const Txt& txt) const {
    std::string text;
    for (const std::string& string : txt.strings) text += (text.empty() ? "" : " ") + QuotedString(string);
    return text;
  }
  std::string operator()(const Soa& soa) const {
    std::string text = Name(soa.primary) + " " + Name(soa.mailbox);
    for (const auto number : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum})
      text += " " + std::to_string(number);
    return text;
  }
  std::string operator()(const Tlsa& tlsa) const {
    std::string text;
    for (const auto number : {tlsa.usage, tlsa.selector, tlsa.matching}) text += std::to_string(number) + " ";
    return text + Hex(tlsa.data);
  }
  std::string operator()(const Caa& caa) const {
    return std::to_string(caa.flags) + " " + Escaped(caa.tag) + " " + QuotedString(caa.value);
  }
  // RFC 3597 5.
  std::string operator()(const Unknown& unknown) const {
    const std::string head = "\\# " + std::to_string(unknown.data.size());
    return unknown.data.empty() ? head : head + " " + Hex(unknown.data);
  }
};

}  // namespace

std::string TypeName(Type type) {
  switch (type) {
    case Type::kA:
      return "A";
    case Type::kNs:
      return "NS";
    case Type::kCname:
      return "CNAME";
    case Type::kSoa:
      return "SOA";
    case Type::kPtr:
      return "PTR";
    case Type::kMx:
      return "MX";
    case Type::kTxt:
      return "TXT";
    case Type::kAaaa:
      return "AAAA";
    case Type::kTlsa:
      return "TLSA";
    case Type::kSpf:
      return "SPF";
    case Type::kCaa:
      return "CAA";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::string Presentation(const Record& record) {
  return std::visit(Present{}, record.data);
}

}  // namespace sealpost::dns
