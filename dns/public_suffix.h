// The public suffix list (publicsuffix.org) as RFC 7489 3.2 uses it for organizational domains.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace sealpost::dns {

// Immutable, thread safe.
class PublicSuffixList {
 public:
  // The list that the operating system brings (Debian's publicsuffix, else what libpsl was built with).
  static std::expected<PublicSuffixList, std::string> FromSystem();
  // A file in the list's own format, newer than the system's.
  static std::expected<PublicSuffixList, std::string> FromFile(const std::string& path);
  PublicSuffixList(PublicSuffixList&&) noexcept;
  PublicSuffixList& operator=(PublicSuffixList&&) noexcept;
  ~PublicSuffixList();

  // `name` is A-labels, any case. ICANN and private section both count.
  bool IsPublicSuffix(std::string_view name) const;
  // The suffix and one label more, lower case; the name itself where it is a suffix.
  std::string OrganizationalDomain(std::string_view name) const;

 private:
  struct List;
  explicit PublicSuffixList(std::unique_ptr<List> list);
  std::unique_ptr<List> list_;
};

}  // namespace sealpost::dns
