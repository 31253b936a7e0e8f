#include "api/dev/dns_answer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "api/dev/header_text.h"
#include "mailer/base/ascii.h"

namespace sealpost::dev {
namespace {

constexpr std::size_t kHeader = 12, kLongestName = 255, kLeastSize = 512, kMostSize = 1232;
constexpr unsigned kOpt = 41, kIxfr = 251, kAxfr = 252, kAny = 255, kIn = 1;
constexpr unsigned kFormErr = 1, kNxDomain = 3, kNotImp = 4, kRefused = 5, kBadVersion = 16;
constexpr std::array<std::pair<std::string_view, unsigned>, 5> kTypes = {
    {{"A", 1}, {"SOA", 6}, {"PTR", 12}, {"MX", 15}, {"TXT", 16}}};
constexpr std::uint32_t kTtl = 300;
constexpr std::uint32_t kNegativeTtl = 5;  // a domain comes into being with its first mail

unsigned Read16(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]));
}

void Put16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

void Put32(std::string& out, std::uint32_t value) {
  Put16(out, value >> 16);
  Put16(out, value & 0xffff);
}

struct Question {
  std::string name;  // lower case
  unsigned type = 0, klass = 0;
  std::string_view bytes;  // all three, as they came
  bool edns = false;
  unsigned edns_version = 0;
  bool dnssec_ok = false;
  std::size_t size = kLeastSize;  // what the asker takes over UDP
};

// Moves behind the name; false if it is none. Only further records may have compressed names.
bool ReadName(std::string_view message, std::size_t& at, std::string* name) {
  const std::size_t from = at;
  while (at < message.size()) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (length >= 0xc0 && name == nullptr) return (at += 2) <= message.size();
    if (length > 63 || at + 1 + length > message.size()) return false;
    const std::string_view label = message.substr(at + 1, length);
    at += 1U + length;
    if (at - from > kLongestName) return false;
    if (length == 0) return true;
    if (name == nullptr) continue;
    if (!name->empty()) *name += '.';
    for (const char c : label) *name += c == '.' ? std::string("\\.") : std::string(1, c);
  }
  return false;
}

// The records behind the question matter for one of them: OPT.
bool ReadFurther(std::string_view message, std::size_t at, Question& question) {
  const std::size_t count = Read16(message, 6) + Read16(message, 8) + Read16(message, 10);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = at;
    if (!ReadName(message, at, nullptr) || at + 10 > message.size()) return false;
    const std::size_t length = Read16(message, at + 8);
    if (at + 10 + length > message.size()) return false;
    if (Read16(message, at) == kOpt) {
      if (question.edns || message[from] != 0) return false;  // RFC 6891 6.1.1: one, at the root
      question.edns = true;
      question.size = std::clamp<std::size_t>(Read16(message, at + 2), kLeastSize, kMostSize);
      question.edns_version = static_cast<unsigned char>(message[at + 5]);
      question.dnssec_ok = (message[at + 6] & 0x80) != 0;
    }
    at += 10 + length;
  }
  return true;
}

bool ReadQuestion(std::string_view message, Question& question) {
  std::size_t at = kHeader;
  if (Read16(message, 4) != 1 || !ReadName(message, at, &question.name) || at + 4 > message.size()) return false;
  question.name = base::ToLower(question.name);
  question.type = Read16(message, at);
  question.klass = Read16(message, at + 2);
  question.bytes = message.substr(kHeader, at + 4 - kHeader);
  return ReadFurther(message, at + 4, question);
}

std::string NameBytes(std::string_view name) {
  std::string bytes;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    bytes += static_cast<char>(label.size());
    bytes += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return bytes + '\0';
}

std::string SoaData() {
  std::string data = NameBytes("localhost") + NameBytes("hostmaster.localhost");
  for (const std::uint32_t number : {1U, 3600U, 600U, 86'400U, kNegativeTtl}) Put32(data, number);
  return data;
}

std::string TextData(std::string_view value) {
  std::string data;
  do {
    const std::string_view string = value.substr(0, 255);
    data += static_cast<char>(string.size());
    data += string;
    value.remove_prefix(string.size());
  } while (!value.empty());
  return data;
}

// The zone is our own: its values are well-formed.
std::string DataOf(const Record& record) {
  if (record.type == "TXT") return TextData(record.value);
  if (record.type == "PTR") return NameBytes(record.value);
  if (record.type == "SOA") return SoaData();
  std::string data;
  if (record.type == "MX") {
    unsigned preference = 0;
    const std::size_t blank = record.value.find(' ');
    std::from_chars(record.value.data(), record.value.data() + blank, preference);
    Put16(data, preference);
    return data + NameBytes(std::string_view(record.value).substr(blank + 1));
  }
  data.resize(4);
  inet_pton(AF_INET, record.value.c_str(), data.data());
  return data;
}

struct Reply {
  unsigned code = 0;
  bool truncated = false;
  std::size_t answers = 0, authorities = 0;
  std::string records;
};

void AddRecord(Reply& reply, std::string_view owner, unsigned type, std::uint32_t ttl, const std::string& data) {
  reply.records += owner;
  Put16(reply.records, type);
  Put16(reply.records, kIn);
  Put32(reply.records, ttl);
  Put16(reply.records, data.size());
  reply.records += data;
}

Reply Look(const Question& question, const RecordsAround& around) {
  constexpr std::string_view kOwner = "\xc0\x0c";  // the name asked, at its place in the question
  Reply reply;
  bool exists = question.name.empty();
  for (const Record& record : around(question.name)) {
    const std::string name = base::ToLower(record.name);
    exists = exists || name == question.name || name.ends_with("." + question.name);
    if (name != question.name) continue;
    const auto* type = std::ranges::find(kTypes, record.type, [](const auto& one) { return one.first; });
    if (type == kTypes.end() || (question.type != type->second && question.type != kAny)) continue;
    AddRecord(reply, kOwner, type->second, kTtl, DataOf(record));
    ++reply.answers;
  }
  if (reply.answers > 0) return reply;
  reply.code = exists ? 0 : kNxDomain;
  AddRecord(reply, std::string_view("\0", 1), 6, kNegativeTtl, SoaData());
  // The root has one record of its own.
  const bool soa = question.name.empty() && question.type == 6;
  (soa ? reply.answers : reply.authorities) = 1;
  return reply;
}

std::string Write(std::string_view asked, const Question* question, const Reply& reply) {
  const bool opt = question != nullptr && question->edns;
  std::string out(asked.substr(0, 2));
  // QR, the operation as it came, AA, TC, RD as it came; RA, CD as it came.
  out += static_cast<char>(0x84 | (asked[2] & 0x79) | (reply.truncated ? 0x02 : 0));
  out += static_cast<char>(0x80 | (asked[3] & 0x10) | (reply.code & 0x0f));
  Put16(out, question != nullptr ? 1 : 0);
  Put16(out, reply.answers);
  Put16(out, reply.authorities);
  Put16(out, opt ? 1 : 0);
  if (question != nullptr) out += question->bytes;
  out += reply.records;
  if (opt) {
    out += '\0';
    Put16(out, kOpt);
    Put16(out, kMostSize);
    Put32(out, static_cast<std::uint32_t>(reply.code >> 4) << 24 | (question->dnssec_ok ? 0x8000U : 0U));
    Put16(out, 0);
  }
  return out;
}

Reply Failure(unsigned code) {
  return {.code = code, .truncated = false, .answers = 0, .authorities = 0, .records = {}};
}

}  // namespace

std::optional<std::string> AnswerDns(std::string_view message, bool tcp, const RecordsAround& around) {
  // Answering an answer could keep two servers busy with each other for ever.
  if (message.size() < kHeader || (message[2] & 0x80) != 0) return std::nullopt;
  if ((message[2] & 0x78) != 0) return Write(message, nullptr, Failure(kNotImp));
  Question question;
  if (!ReadQuestion(message, question)) return Write(message, nullptr, Failure(kFormErr));
  if (question.edns_version > 0) return Write(message, &question, Failure(kBadVersion));
  const bool transfer = question.type == kAxfr || question.type == kIxfr;
  if (question.klass != kIn || transfer) return Write(message, &question, Failure(kRefused));
  const Reply reply = Look(question, around);
  std::string answer = Write(message, &question, reply);
  if (answer.size() <= (tcp ? 0xffff : question.size)) return answer;
  Reply cut = Failure(reply.code);
  cut.truncated = true;
  return Write(message, &question, cut);
}

}  // namespace sealpost::dev
