#include "dns/name.h"

#include "dns/ip.h"
#include "dns/resolver.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

void CheckLabels(std::string_view name) {
  const auto labels = Labels(name);
  std::string joined;
  for (const std::string_view label : labels) joined += (label.data() == name.data() ? "" : ".") + std::string(label);
  Expect(joined == name, "labels make up their name");
  Expect(IsWithin(name, name) && IsWithin(name, "") && IsWithin(name, Parent(name)), "a name is within its parent");
  Expect(labels.size() > 1 || Parent(name).empty(), "one label has no parent");
  Expect(SameName(Lower(name), name), "case makes no difference");
  Expect(!IsHostname(name) || (IsQueryable(name) && labels.size() >= 2), "a host can be asked for");
}

void CheckTyped(std::string_view typed) {
  const auto ascii = ToAscii(typed);
  if (!ascii) return ExpectNoControls(ascii.error(), "why a text is no domain");
  Expect(IsHostname(*ascii) && Lower(*ascii) == *ascii, "a domain is a host name in lower case");
  Expect(ToAscii(*ascii) == *ascii && ToAscii(*ascii + ".") == *ascii, "a domain in ASCII stays as it is");
  // What people read may be another name if the A-label was never one; then it must say so when it is typed.
  const std::string unicode = ToUnicode(*ascii);
  const auto back = ToAscii(unicode);
  Expect(unicode == *ascii || !back || IsHostname(*back), "U-labels lead to a domain or to none");
}

void CheckIp(std::string_view text) {
  const auto ip = ParseIp(text);
  if (!ip) return;
  Expect(ParseIp(ToString(*ip)) == ip, "an address is printed as it is");
  Expect(IsQueryable(ReverseName(*ip)), "a reverse name can be asked for");
  Expect(InNetwork(*ip, *ip, ip->v6 ? 128 : 32) && InNetwork(*ip, *ip, 0), "an address is within its network");
  Expect(!InNetwork(*ip, *ip, 129), "no prefix is longer than an address");
  Expect(IsPublic(*ip) == IsPublic(Unmapped(*ip)), "a mapped address is judged by what it carries");
}

}  // namespace

void Name(std::string_view bytes) {
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view one = bytes.substr(0, end), other = bytes.substr(std::min(end + 1, bytes.size()));
  for (const std::string_view text : {bytes, one, other}) {
    CheckLabels(text);
    CheckTyped(text);
    CheckIp(text);
    if (const auto server = ParseServer(text))
      Expect(ParseServer(ToString(*server)) == *server, "a server stays itself");
  }
  Expect(SameName(one, other) == SameName(other, one), "sameness has no direction");
  Expect(!IsWithin(one, other) || !IsWithin(other, one) || SameName(one, other), "two names within each other are one");
}

}  // namespace sealpost::tests::fuzz
