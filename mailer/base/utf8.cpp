#include "mailer/base/utf8.h"

namespace sealpost::base {

namespace {

struct Lead {
  std::size_t length = 0;
  unsigned char second_least = 0x80, second_most = 0xBF;
};

// Unicode table 3-7: the bounds of the second octet keep out overlong forms, surrogates and what is above U+10FFFF.
Lead ReadLead(unsigned char octet) {
  if (octet < 0x80) return {1};
  if (octet < 0xC2) return {};
  if (octet < 0xE0) return {2};
  if (octet == 0xE0) return {3, 0xA0, 0xBF};
  if (octet == 0xED) return {3, 0x80, 0x9F};
  if (octet < 0xF0) return {3};
  if (octet == 0xF0) return {4, 0x90, 0xBF};
  if (octet < 0xF4) return {4};
  if (octet == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead lead = ReadLead(octet(0));
  if (lead.length < 2) return lead.length;
  if (text.size() < lead.length) return 0;
  if (octet(1) < lead.second_least || octet(1) > lead.second_most) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return 0;
  }
  return lead.length;
}

}  // namespace sealpost::base
