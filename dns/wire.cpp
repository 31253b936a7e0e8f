#include "dns/wire.h"

#include <algorithm>
#include <utility>

namespace sealpost::dns {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxNameBytes = 255;
constexpr int kMaxPointers = 127;  // a name has no more labels; longer chains only cost time, 300 ms a message
// Reads forward. The first fault stays and ends all reading: what follows it reads as zeros, and whoever is done asks
// fault() once instead of after every field.
class WireReader {
 public:
  explicit WireReader(std::span<const std::uint8_t> message) : message_(message), end_(message.size()) {}

  bool ok() const { return fault_.empty(); }
  const std::string& fault() const { return fault_; }
  std::size_t at() const { return at_; }
  std::size_t left() const { return ok() ? end_ - at_ : 0; }

  void Fail(std::string why) {
    if (ok()) fault_ = std::move(why);
  }
  // Nothing is read beyond `end` until Release().
  void Confine(std::size_t bytes) {
    if (bytes > left()) return Fail("the data runs past the end");
    end_ = at_ + bytes;
  }
  void Release() {
    if (left() > 0) Fail("bytes are left over in the data");
    end_ = message_.size();
  }

  std::uint8_t U8() { return Has(1) ? message_[at_++] : std::uint8_t{0}; }
  std::uint16_t U16() {
    const unsigned high = U8();
    return static_cast<std::uint16_t>(high << 8 | U8());
  }
  std::uint32_t U32() {
    const std::uint32_t high = U16();
    return high << 16 | U16();
  }
  std::string Bytes(std::size_t count) {
    if (!Has(count)) return "";
    std::string bytes(message_.begin() + at_, message_.begin() + at_ + count);
    at_ += count;
    return bytes;
  }
  std::string CharacterString() { return Bytes(U8()); }

  std::string Name() {
    std::string name;
    std::size_t wire_bytes = 1;
    std::size_t piece = at_;   // where the labels being read began
    std::size_t cursor = at_;  // runs ahead of at_ once a pointer is followed
    std::size_t limit = end_;
    int pointers = 0;
    while (ok()) {
      if (cursor >= limit) return Broken("the name runs past the end");
      const unsigned length = message_[cursor++];
      if (length >= 0xc0) {
        if (cursor >= limit) return Broken("the name runs past the end");
        const std::size_t target = (length & 0x3f) << 8 | message_[cursor++];
        if (++pointers > kMaxPointers) return Broken("the name runs through more than 127 compression pointers");
        if (pointers == 1) at_ = cursor;
        // Each piece begins before the one that points to it, so that no chain of pointers can be endless.
        if (target < kHeaderBytes || target >= piece) return Broken("a compression pointer does not point backwards");
        piece = cursor = target;
        limit = message_.size();
        continue;
      }
      if (length >= 0x40) return Broken("a label has an unknown form");
      wire_bytes += length + (length == 0 ? 0 : 1);
      if (wire_bytes > kMaxNameBytes) return Broken("the name is longer than 255 bytes");
      if (length == 0) break;
      if (length > limit - cursor) return Broken("the name runs past the end");
      AppendLabel(name, message_.subspan(cursor, length));
      cursor += length;
    }
    if (pointers == 0) at_ = cursor;
    return name;
  }

 private:
  bool Has(std::size_t count) {
    if (ok() && count > end_ - at_) Fail("it is cut short");
    return ok();
  }
  std::string Broken(const char* why) {
    Fail(why);
    return "";
  }
  static void AppendLabel(std::string& name, std::span<const std::uint8_t> label) {
    if (!name.empty()) name += '.';
    for (const std::uint8_t byte : label) {
      if (byte == '.' || byte == '\\') name += '\\';
      name += static_cast<char>(byte);
    }
  }

  std::span<const std::uint8_t> message_;
  std::size_t at_ = 0;
  std::size_t end_;
  std::string fault_;
};

Ip ReadIp(WireReader& in, bool v6) {
  Ip ip;
  ip.v6 = v6;
  const std::string bytes = in.Bytes(v6 ? 16 : 4);
  std::ranges::copy(bytes, ip.bytes.begin());
  return ip;
}

Txt ReadTxt(WireReader& in) {
  // A record without any string breaks RFC 1035 3.3.14 but is seen and harmless.
  Txt txt;
  while (in.left() > 0) txt.strings.push_back(in.CharacterString());
  return txt;
}

Soa ReadSoa(WireReader& in) {
  Soa soa;
  soa.primary = in.Name();
  soa.mailbox = in.Name();
  soa.serial = in.U32();
  soa.refresh = in.U32();
  soa.retry = in.U32();
  soa.expire = in.U32();
  soa.minimum = in.U32();
  return soa;
}

Mx ReadMx(WireReader& in) {
  const std::uint16_t preference = in.U16();
  return {preference, in.Name()};
}

Tlsa ReadTlsa(WireReader& in) {
  Tlsa tlsa;
  tlsa.usage = in.U8();
  tlsa.selector = in.U8();
  tlsa.matching = in.U8();
  tlsa.data = in.Bytes(in.left());
  return tlsa;
}

Caa ReadCaa(WireReader& in) {
  Caa caa;
  caa.flags = in.U8();
  caa.tag = in.CharacterString();
  if (caa.tag.empty()) in.Fail("the CAA tag is empty");  // RFC 8659 4.1
  caa.value = in.Bytes(in.left());
  return caa;
}

decltype(Record::data) ReadData(WireReader& in, Type type) {
  switch (type) {
    case Type::kA:
    case Type::kAaaa:
      return ReadIp(in, type == Type::kAaaa);
    case Type::kNs:
    case Type::kCname:
    case Type::kPtr:
      return Host{in.Name()};
    case Type::kMx:
      return ReadMx(in);
    case Type::kTxt:
    case Type::kSpf:
      return ReadTxt(in);
    case Type::kSoa:
      return ReadSoa(in);
    case Type::kTlsa:
      return ReadTlsa(in);
    case Type::kCaa:
      return ReadCaa(in);
  }
  return Unknown{in.Bytes(in.left())};
}

struct Section {
  const char* name;
  unsigned count;
  std::vector<Record>* records;  // null: passed over, OPT apart
};

void ReadRecord(WireReader& in, const Section& section, Message& message) {
  Record record;
  record.name = in.Name();
  const std::uint16_t type = in.U16();
  const std::uint16_t record_class = in.U16();
  const std::uint32_t ttl = in.U32();
  in.Confine(in.U16());
  record.type = static_cast<Type>(type);
  record.ttl = ttl >> 31 == 0 ? ttl : 0;
  if (section.records != nullptr && record_class == kClassIn && type != kTypeOpt) {
    record.data = ReadData(in, record.type);
    in.Release();
    if (in.ok()) section.records->push_back(std::move(record));
    return;
  }
  in.Bytes(in.left());
  in.Release();
  // The upper eight bits of the RCODE stand in the OPT record's TTL.
  if (section.records == nullptr && type == kTypeOpt) message.rcode |= ttl >> 24 << 4;
}

void ReadQuestion(WireReader& in, Message& message) {
  message.question = in.Name();
  message.question_type = static_cast<Type>(in.U16());
  if (in.U16() != kClassIn) in.Fail("its class is not IN");
}

}  // namespace

std::string Txt::Joined() const {
  std::string joined;
  for (const std::string& string : strings) joined += string;
  return joined;
}

std::expected<Message, std::string> ParseMessage(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderBytes) return std::unexpected("header: it is cut short");
  WireReader in(bytes);
  Message message;
  message.id = in.U16();
  const unsigned flags = in.U16();
  message.response = (flags & 0x8000) != 0;
  message.authoritative = (flags & 0x0400) != 0;
  message.truncated = (flags & 0x0200) != 0;
  message.authenticated = (flags & 0x0020) != 0;
  message.rcode = flags & 0x000f;
  if ((flags & 0x7800) != 0) return std::unexpected("header: not a standard query");
  const unsigned questions = in.U16();
  const unsigned answers = in.U16();
  const unsigned authorities = in.U16();
  const unsigned additional = in.U16();
  if (questions > 1) return std::unexpected("header: more than one question");
  if (questions == 1) ReadQuestion(in, message);
  if (!in.ok()) return std::unexpected("question: " + in.fault());
  const Section sections[] = {{"answer", answers, &message.answers},
                              {"authority", authorities, &message.authorities},
                              {"additional", additional, nullptr}};
  for (const Section& section : sections) {
    for (unsigned i = 1; i <= section.count; ++i) {
      ReadRecord(in, section, message);
      if (!in.ok()) return std::unexpected(section.name + (" " + std::to_string(i)) + ": " + in.fault());
    }
  }
  return message;
}

}  // namespace sealpost::dns
