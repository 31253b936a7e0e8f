#include "dns/query.h"

#include "dns/name.h"
#include "dns/wire.h"

namespace sealpost::dns {
namespace {

constexpr std::uint8_t kRecursionDesired = 0x01;
constexpr std::uint8_t kAuthenticData = 0x20;
constexpr std::uint8_t kCheckingDisabled = 0x10;
class Writer {
 public:
  void U8(unsigned value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
  void U16(unsigned value) {
    U8(value >> 8);
    U8(value & 0xff);
  }
  void Name(const std::string& name) {
    for (const std::string_view label : Labels(name)) {
      const std::size_t length_at = bytes_.size();
      U8(0);
      for (std::size_t i = 0; i < label.size(); ++i) {
        if (label[i] == '\\' && i + 1 < label.size()) ++i;
        U8(static_cast<unsigned char>(label[i]));
      }
      bytes_[length_at] = static_cast<std::uint8_t>(bytes_.size() - length_at - 1);
    }
    U8(0);
  }
  std::vector<std::uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

std::vector<std::uint8_t> QueryBytes(const Query& query, std::uint16_t id) {
  Writer out;
  out.U16(id);
  out.U8(query.recursion_desired ? kRecursionDesired : 0u);
  out.U8(kAuthenticData | (query.checking_disabled ? kCheckingDisabled : 0u));
  out.U16(1);
  out.U16(0);
  out.U16(0);
  out.U16(query.edns ? 1 : 0);
  out.Name(query.name);
  out.U16(static_cast<unsigned>(query.type));
  out.U16(kClassIn);
  if (query.edns) {
    out.U8(0);
    out.U16(kTypeOpt);
    out.U16(kUdpPayload);
    out.U16(0);
    out.U16(0);
    out.U16(0);
  }
  return out.Take();
}

}  // namespace sealpost::dns
