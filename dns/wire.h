// A DNS message read from bytes (RFC 1035 4), bounds-checked: nothing in a datagram is believed. Pure, thread safe.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dns/ip.h"

namespace sealpost::dns {

enum class Type : std::uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kTlsa = 52,
  kSpf = 99,
  kCaa = 257,
};
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kTypeOpt = 41;  // EDNS (RFC 6891 6.1.1), no type of a record
std::string TypeName(Type type);        // "TXT"; "TYPE1234" for one without a name here

struct Host {  // CNAME, NS, PTR
  std::string name;
};
struct Mx {
  std::uint16_t preference = 0;
  std::string exchange;  // empty: the root, a null MX (RFC 7505)
};
struct Txt {                         // TXT and type 99
  std::vector<std::string> strings;  // raw bytes, each at most 255; the record's boundaries are those of Record
  std::string Joined() const;        // without anything between (RFC 7208 3.3, RFC 6376 3.6.2.2)
};
struct Soa {
  std::string primary;
  std::string mailbox;
  std::uint32_t serial = 0;
  std::uint32_t minimum = 0;  // with the record's own TTL the time a negative answer holds (RFC 2308 5)
  std::uint32_t refresh = 0;
  std::uint32_t retry = 0;
  std::uint32_t expire = 0;
};
struct Tlsa {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::string data;  // raw bytes
};
struct Caa {
  std::uint8_t flags = 0;
  std::string tag;
  std::string value;
};
struct Unknown {
  std::string data;  // raw bytes
};

struct Record {
  std::string name;  // owner, see name.h
  Type type = Type::kA;
  std::uint32_t ttl = 0;  // seconds; a value with the top bit set reads as 0 (RFC 2181 8)
  std::variant<Ip, Host, Mx, Txt, Soa, Tlsa, Caa, Unknown> data;
};

// The data as a zone file has it: `"v=spf1 -all"`, `10 mail.example.com.`; bytes outside printable ASCII as \DDD.
std::string Presentation(const Record& record);

struct Message {
  std::uint16_t id = 0;
  bool response = false;
  bool authoritative = false;  // AA
  bool truncated = false;      // TC
  bool authenticated = false;  // AD
  unsigned rcode = 0;          // with the EDNS extension (RFC 6891 6.1.3)
  std::string question;        // name asked, empty if the message repeats none
  Type question_type = Type::kA;
  std::vector<Record> answers;  // class IN only
  std::vector<Record> authorities;
};

// The whole message or what is wrong with it and where, "answer 2: the name runs past the end". Compression pointers
// may only point backwards, 127 in a row at most; a name is 255 bytes at most; a record's data must be exactly what its
// type says; records of a class other than IN are passed over, those of the additional section (OPT apart) too.
std::expected<Message, std::string> ParseMessage(std::span<const std::uint8_t> bytes);

}  // namespace sealpost::dns
