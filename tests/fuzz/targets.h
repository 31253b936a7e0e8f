// What is fuzzed. A target feeds bytes to parsers of the product, as it uses them, and throws Broken if a promise of
// their headers does not hold. No target keeps anything from one call to the next.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealpost::tests::fuzz {

class Broken : public std::logic_error {
  using std::logic_error::logic_error;
};

void Wire(std::string_view bytes);     // a DNS message: parser, presentation, answer reader
void Spf(std::string_view bytes);      // a record: parser, macros, the repairs the checker proposes
void Walk(std::string_view bytes);     // a record a line: check_host against the static walk
void Dkim(std::string_view bytes);     // a record, a p=, a PEM file
void Dmarc(std::string_view bytes);    // a record, and the one proposed in its place
void Sts(std::string_view bytes);      // a record, a policy file
void Records(std::string_view bytes);  // tag lists, URIs, TLS-RPT, BIMI, TLSA
void Name(std::string_view bytes);     // names, addresses and servers as they are typed

struct Target {
  std::string_view name;  // its folder of the corpus
  void (*run)(std::string_view bytes);
};
inline constexpr std::array<Target, 8> kTargets = {{{"wire", Wire},
                                                    {"spf", Spf},
                                                    {"walk", Walk},
                                                    {"dkim", Dkim},
                                                    {"dmarc", Dmarc},
                                                    {"sts", Sts},
                                                    {"records", Records},
                                                    {"name", Name}}};

inline void Expect(bool holds, const std::string& promise) {
  if (!holds) throw Broken(promise);
}
// Printable ASCII, as it may go to a terminal or a log.
inline void ExpectShowable(std::string_view text, const std::string& what) {
  for (const char c : text) Expect(c >= 0x20 && c < 0x7f, what + " holds a byte that is not printable ASCII");
}
// No byte with which a stranger's text could begin a line or command the terminal.
inline void ExpectNoControls(std::string_view text, const std::string& what) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    Expect(byte >= 0x20 && byte != 0x7f, what + " holds a control byte");
  }
}

}  // namespace sealpost::tests::fuzz
