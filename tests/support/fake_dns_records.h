// DNS records as tests write them: typed calls or lines of a zone file, turned into the bytes of the wire by a writer
// that shares no code with the product.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealpost::tests {

// A domain name. As text: labels between dots, "\." a dot within a label, "\DDD" any byte, a final dot is no matter,
// "" and "." the root; every other byte stands for itself (blanks, ':', '/', bytes above 127). Or the labels as they
// are.
struct FakeDnsName {
  FakeDnsName(const char* text) : FakeDnsName(std::string_view(text)) {}
  FakeDnsName(const std::string& text) : FakeDnsName(std::string_view(text)) {}
  FakeDnsName(std::string_view text);
  FakeDnsName(std::vector<std::string> raw) : labels(std::move(raw)) {}

  std::string Wire() const;  // throws std::invalid_argument where the wire cannot hold it
  std::string Text() const;  // as asked for, "\." for a dot within a label, no final dot

  std::vector<std::string> labels;
};

inline constexpr std::uint32_t kFakeDnsTtl = 300;
inline constexpr int kFakeDnsCname = 5, kFakeDnsSoa = 6;  // types (RFC 1035 3.2.2)

class FakeDnsRecords {
 public:
  virtual ~FakeDnsRecords() = default;

  // Two records alike are two records. An owner that no question could name (a label of 64 bytes) is kept out.
  virtual void Add(const FakeDnsName& name, int type, std::string rdata, std::uint32_t ttl = kFakeDnsTtl) = 0;

  void AddA(const FakeDnsName& name, const std::string& ip);
  void AddAaaa(const FakeDnsName& name, const std::string& ip);
  void AddMx(const FakeDnsName& name, int preference, const FakeDnsName& host);
  // One record of these strings; none: an rdata of no bytes. A text is cut into strings of 255.
  void AddTxt(const FakeDnsName& name, const std::vector<std::string>& strings);
  void AddTxt(const FakeDnsName& name, std::initializer_list<std::string> strings);
  void AddTxt(const FakeDnsName& name, const std::string& text);
  void AddCname(const FakeDnsName& name, const FakeDnsName& target);
  void AddPtr(const FakeDnsName& name, const FakeDnsName& target);
  void AddNs(const FakeDnsName& name, const FakeDnsName& host);
  void AddSoa(const FakeDnsName& name, std::uint32_t minimum = 60, std::uint32_t serial = 1);
  void AddTlsa(const FakeDnsName& name, int usage, int selector, int matching, const std::string& hex);

  // Lines "name [ttl] [IN] TYPE data", every name absolute, ';' begins a comment. Types: A AAAA MX TXT CNAME PTR NS SOA
  // TLSA CAA SPF (type 99) and TYPEnnn; any of them also as RFC 3597 writes it: \# length hex. TXT, SPF and TYPEnnn
  // take strings, quoted or not, with \DDD. Throws std::invalid_argument that shows the line.
  void Load(std::string_view zone);
};

// The bytes of strings as TXT holds them. Throws std::invalid_argument on a string above 255 bytes.
std::string FakeDnsStrings(const std::vector<std::string>& strings);

void Put16(std::string& out, std::uint32_t value);
void Put32(std::string& out, std::uint32_t value);

}  // namespace sealpost::tests
