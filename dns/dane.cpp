#include "dns/dane.h"

#include <array>
#include <cstddef>

namespace sealpost::dns {
namespace {

constexpr std::size_t kSha256 = 1;
constexpr std::array<std::size_t, 3> kLengths = {0, 32, 64};  // by matching type; 0: anything but nothing

}  // namespace

std::string TlsaName(const std::string& mx_host) {
  return "_25._tcp." + mx_host;
}

std::string TlsaProblem(const Tlsa& record) {
  if (record.usage < 2)
    return "usage " + std::to_string(record.usage) +
           " rests on public certification authorities: SMTP clients pass over it (RFC 7672 3.1.3)";
  if (record.usage > 3) return "usage " + std::to_string(record.usage) + " is unknown (RFC 6698 2.1.1)";
  if (record.selector > 1) return "selector " + std::to_string(record.selector) + " is unknown (RFC 6698 2.1.2)";
  if (record.matching >= kLengths.size())
    return "matching type " + std::to_string(record.matching) + " is unknown (RFC 6698 2.1.3)";
  if (record.data.empty()) return "it holds no data";
  const std::size_t wanted = kLengths[record.matching];
  if (wanted != 0 && record.data.size() != wanted)
    return std::string(record.matching == kSha256 ? "a SHA-256" : "a SHA-512") + " digest has " +
           std::to_string(wanted) + " bytes, this has " + std::to_string(record.data.size());
  return "";
}

}  // namespace sealpost::dns
