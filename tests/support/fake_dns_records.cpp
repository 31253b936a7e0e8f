#include "tests/support/fake_dns_records.h"

#include <arpa/inet.h>

#include <cctype>
#include <map>
#include <stdexcept>

namespace sealpost::tests {
namespace {

constexpr int kA = 1, kNs = 2, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28, kTlsa = 52;
constexpr int kSpf = 99, kCaa = 257;

const std::map<std::string, int> kTypes = {
    {"A", kA},    {"NS", kNs},   {"CNAME", kFakeDnsCname}, {"SOA", kFakeDnsSoa}, {"PTR", kPtr},
    {"MX", kMx},  {"TXT", kTxt}, {"AAAA", kAaaa},          {"SPF", kSpf},        {"TLSA", kTlsa},
    {"CAA", kCaa}};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The byte that a backslash at `at` stands for; moves to the last character of the escape.
char Unescaped(std::string_view text, std::size_t& at) {
  if (at + 3 < text.size() && IsDigit(text[at + 1]) && IsDigit(text[at + 2]) && IsDigit(text[at + 3])) {
    const int value = std::stoi(std::string(text.substr(at + 1, 3)));
    at += 3;
    return static_cast<char>(value);
  }
  return at + 1 < text.size() ? text[++at] : '\\';
}

std::string Address(int family, const std::string& ip) {
  std::string bytes(family == AF_INET ? 4 : 16, '\0');
  if (::inet_pton(family, ip.c_str(), bytes.data()) != 1) throw std::invalid_argument("not an address: " + ip);
  return bytes;
}

std::string Hex(const std::string& text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("half a byte of hex: " + text);
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// Words keep their escapes; strings between quotes have lost them, since only TXT and CAA data stand there.
struct Word {
  std::string text;
  bool quoted = false;
};

Word QuotedWord(std::string_view line, std::size_t& at) {
  Word word{.text = {}, .quoted = true};
  for (++at; at < line.size() && line[at] != '"'; ++at) word.text += line[at] == '\\' ? Unescaped(line, at) : line[at];
  if (at++ >= line.size()) throw std::invalid_argument("a quote is not closed");
  return word;
}

std::vector<Word> Words(std::string_view line) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (std::isspace(static_cast<unsigned char>(line[at])) != 0) {
      ++at;
    } else if (line[at] == ';') {
      break;
    } else if (line[at] == '"') {
      words.push_back(QuotedWord(line, at));
    } else {
      Word word;
      for (; at < line.size() && std::isspace(static_cast<unsigned char>(line[at])) == 0; ++at) {
        word.text += line[at];
        if (line[at] == '\\' && at + 1 < line.size()) word.text += line[++at];
      }
      words.push_back(std::move(word));
    }
  }
  return words;
}

std::string StringsOf(const std::vector<Word>& data) {
  std::vector<std::string> strings;
  for (const Word& word : data) {
    if (word.quoted) {
      strings.push_back(word.text);
      continue;
    }
    std::string text;
    for (std::size_t at = 0; at < word.text.size(); ++at) {
      text += word.text[at] == '\\' ? Unescaped(word.text, at) : word.text[at];
    }
    strings.push_back(std::move(text));
  }
  return FakeDnsStrings(strings);
}

std::string Joined(const std::vector<Word>& data, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < data.size(); ++i) text += data[i].text;
  return text;
}

std::string SoaData(const std::vector<Word>& data) {
  std::string rdata = FakeDnsName(data.at(0).text).Wire() + FakeDnsName(data.at(1).text).Wire();
  for (std::size_t i = 2; i < 7; ++i) Put32(rdata, static_cast<std::uint32_t>(std::stoul(data.at(i).text)));
  return rdata;
}

std::string CaaData(const std::vector<Word>& data) {
  const std::string& tag = data.at(1).text;
  std::string rdata(1, static_cast<char>(std::stoi(data.at(0).text)));
  return rdata + static_cast<char>(tag.size()) + tag + data.at(2).text;
}

std::string TlsaData(int usage, int selector, int matching, const std::string& hex) {
  return std::string{static_cast<char>(usage), static_cast<char>(selector), static_cast<char>(matching)} + Hex(hex);
}

std::string MxData(int preference, const FakeDnsName& host) {
  std::string rdata;
  Put16(rdata, static_cast<std::uint32_t>(preference));
  return rdata + host.Wire();
}

std::string Data(int type, const std::vector<Word>& data) {
  if (!data.empty() && data[0].text == "\\#") return Hex(Joined(data, 2));
  const auto number = [&](std::size_t i) { return std::stoi(data.at(i).text); };
  switch (type) {
    case kA:
      return Address(AF_INET, data.at(0).text);
    case kAaaa:
      return Address(AF_INET6, data.at(0).text);
    case kMx:
      return MxData(number(0), FakeDnsName(data.at(1).text));
    case kNs:
    case kFakeDnsCname:
    case kPtr:
      return FakeDnsName(data.at(0).text).Wire();
    case kFakeDnsSoa:
      return SoaData(data);
    case kTlsa:
      return TlsaData(number(0), number(1), number(2), Joined(data, 3));
    case kCaa:
      return CaaData(data);
    default:
      return StringsOf(data);
  }
}

int TypeOf(const std::string& word) {
  const auto found = kTypes.find(word);
  if (found != kTypes.end()) return found->second;
  if (word.starts_with("TYPE")) return std::stoi(word.substr(4));
  throw std::invalid_argument("no type that is known here: " + word);
}

void LoadLine(FakeDnsRecords& records, const std::string& line) {
  std::vector<Word> words = Words(line);
  if (words.empty()) return;
  std::uint32_t ttl = kFakeDnsTtl;
  std::size_t at = 1;
  if (IsDigit(words.at(at).text[0])) ttl = static_cast<std::uint32_t>(std::stoul(words[at++].text));
  if (words.at(at).text == "IN") ++at;
  const int type = TypeOf(words.at(at).text);
  const std::vector<Word> data(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  records.Add(words[0].text, type, Data(type, data), ttl);
}

}  // namespace

void Put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

void Put32(std::string& out, std::uint32_t value) {
  Put16(out, value >> 16);
  Put16(out, value & 0xffff);
}

FakeDnsName::FakeDnsName(std::string_view text) {
  std::string label;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '.') {
      if (!label.empty()) labels.push_back(std::move(label));
      label.clear();
    } else {
      label += text[at] == '\\' ? Unescaped(text, at) : text[at];
    }
  }
  if (!label.empty()) labels.push_back(std::move(label));
}

std::string FakeDnsName::Wire() const {
  std::string wire;
  for (const std::string& label : labels) {
    if (label.empty() || label.size() > 63) throw std::invalid_argument("a label of no or above 63 bytes: " + Text());
    wire += static_cast<char>(label.size());
    wire += label;
  }
  wire += '\0';
  if (wire.size() > 255) throw std::invalid_argument("a name above 255 bytes: " + Text());
  return wire;
}

std::string FakeDnsName::Text() const {
  std::string text;
  for (const std::string& label : labels) {
    if (!text.empty()) text += '.';
    for (const char c : label) {
      if (c == '.' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

std::string FakeDnsStrings(const std::vector<std::string>& strings) {
  std::string rdata;
  for (const std::string& string : strings) {
    if (string.size() > 255) throw std::invalid_argument("a string above 255 bytes");
    rdata += static_cast<char>(string.size());
    rdata += string;
  }
  return rdata;
}

void FakeDnsRecords::AddA(const FakeDnsName& name, const std::string& ip) {
  Add(name, kA, Address(AF_INET, ip));
}
void FakeDnsRecords::AddAaaa(const FakeDnsName& name, const std::string& ip) {
  Add(name, kAaaa, Address(AF_INET6, ip));
}
void FakeDnsRecords::AddMx(const FakeDnsName& name, int preference, const FakeDnsName& host) {
  Add(name, kMx, MxData(preference, host));
}
void FakeDnsRecords::AddTxt(const FakeDnsName& name, const std::vector<std::string>& strings) {
  Add(name, kTxt, FakeDnsStrings(strings));
}
void FakeDnsRecords::AddTxt(const FakeDnsName& name, std::initializer_list<std::string> strings) {
  Add(name, kTxt, FakeDnsStrings(strings));
}
void FakeDnsRecords::AddTxt(const FakeDnsName& name, const std::string& text) {
  std::vector<std::string> strings;
  for (std::size_t at = 0; at == 0 || at < text.size(); at += 255) strings.push_back(text.substr(at, 255));
  AddTxt(name, strings);
}
void FakeDnsRecords::AddCname(const FakeDnsName& name, const FakeDnsName& target) {
  Add(name, kFakeDnsCname, target.Wire());
}
void FakeDnsRecords::AddPtr(const FakeDnsName& name, const FakeDnsName& target) {
  Add(name, kPtr, target.Wire());
}
void FakeDnsRecords::AddNs(const FakeDnsName& name, const FakeDnsName& host) {
  Add(name, kNs, host.Wire());
}
void FakeDnsRecords::AddSoa(const FakeDnsName& name, std::uint32_t minimum, std::uint32_t serial) {
  std::string rdata = FakeDnsName("ns.invalid").Wire() + FakeDnsName("hostmaster.invalid").Wire();
  for (const std::uint32_t number : {serial, 7200U, 3600U, 1209600U, minimum}) Put32(rdata, number);
  Add(name, kFakeDnsSoa, rdata);
}
void FakeDnsRecords::AddTlsa(const FakeDnsName& name, int usage, int selector, int matching, const std::string& hex) {
  Add(name, kTlsa, TlsaData(usage, selector, matching, hex));
}

void FakeDnsRecords::Load(std::string_view zone) {
  while (!zone.empty()) {
    const std::size_t end = zone.find('\n');
    const std::string line(zone.substr(0, end));
    zone.remove_prefix(end == std::string_view::npos ? zone.size() : end + 1);
    try {
      LoadLine(*this, line);
    } catch (const std::exception& error) {
      throw std::invalid_argument(std::string(error.what()) + " in the line: " + line);
    }
  }
}

}  // namespace sealpost::tests
