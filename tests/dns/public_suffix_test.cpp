#include "dns/public_suffix.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temp_folder.h"

using namespace sealpost::dns;

namespace {

PublicSuffixList System() {
  auto list = PublicSuffixList::FromSystem();
  REQUIRE(list);
  return std::move(*list);
}

using Cases = std::vector<std::pair<std::string, std::string>>;

void CheckOrganizations(const PublicSuffixList& list, const Cases& cases) {
  for (const auto& [name, organization] : cases) {
    CAPTURE(name);
    CHECK(list.OrganizationalDomain(name) == organization);
  }
}

// The arguments of a line checkPublicSuffix('a', 'b'); "" for null.
std::vector<std::string> Arguments(const std::string& line) {
  std::vector<std::string> arguments;
  std::size_t at = line.find('(') + 1;
  for (int i = 0; i < 2; ++i) {
    at = line.find_first_of("'n", at);
    const bool null = line[at] == 'n';
    const std::size_t end = null ? at : line.find('\'', at + 1);
    arguments.push_back(null ? "" : line.substr(at + 1, end - at - 1));
    at = line.find_first_of(",)", end) + 1;
  }
  return arguments;
}

}  // namespace

TEST_CASE("the organizational domain is the public suffix and one label more") {
  CheckOrganizations(System(), {{"example.com", "example.com"},
                                {"mail.example.com", "example.com"},
                                {"a.b.c.example.com", "example.com"},
                                {"mail.example.co.uk", "example.co.uk"},
                                {"example.ac.jp", "example.ac.jp"},
                                {"b.ide.kyoto.jp", "b.ide.kyoto.jp"},
                                {"a.k12.ak.us", "a.k12.ak.us"},
                                {"x.test.k12.ak.us", "test.k12.ak.us"}});
}

TEST_CASE("wildcards and their exceptions count") {
  CheckOrganizations(System(), {{"a.b.test.ck", "b.test.ck"},
                                {"b.test.ck", "b.test.ck"},
                                {"www.ck", "www.ck"},
                                {"a.www.ck", "www.ck"},
                                {"a.b.c.kobe.jp", "b.c.kobe.jp"},
                                {"www.city.kobe.jp", "city.kobe.jp"}});
  CHECK(System().IsPublicSuffix("test.ck"));
  CHECK_FALSE(System().IsPublicSuffix("www.ck"));
}

TEST_CASE("the private section counts") {
  CheckOrganizations(System(),
                     {{"a.user.github.io", "user.github.io"}, {"x.alice.blogspot.com", "alice.blogspot.com"}});
  CHECK(System().IsPublicSuffix("github.io"));
  CHECK(System().IsPublicSuffix("uk.com"));
}

TEST_CASE("a suffix is its own organizational domain, a name under an unlisted one has two labels") {
  CheckOrganizations(System(), {{"com", "com"},
                                {"co.uk", "co.uk"},
                                {"github.io", "github.io"},
                                {"example", "example"},
                                {"a.b.example.example", "example.example"}});
  CHECK(System().IsPublicSuffix("com"));
  CHECK(System().IsPublicSuffix("example"));
  CHECK_FALSE(System().IsPublicSuffix("example.com"));
}

TEST_CASE("A-labels are looked up, in any case") {
  CheckOrganizations(System(), {{"www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"},
                                {"a.xn--85x722f.XN--FIQS8S", "xn--85x722f.xn--fiqs8s"},
                                {"WwW.Example.COM", "example.com"}});
  CHECK(System().IsPublicSuffix("XN--fiqs8s"));
  CHECK(System().IsPublicSuffix("Co.UK"));
}

TEST_CASE("what is no name has no suffix") {
  const PublicSuffixList list = System();
  for (const std::string& name : {std::string(), std::string("."), std::string(".com"), std::string("a..com"),
                                  std::string("a\0.com", 6), std::string(300, 'a'), std::string(70, 'a') + ".com"}) {
    CAPTURE(name);
    CHECK(list.OrganizationalDomain(name) == name);
    CHECK_FALSE(list.IsPublicSuffix(name));
  }
}

TEST_CASE("the list's own test cases hold, where Debian's package brought them") {
  std::ifstream file("/usr/share/doc/publicsuffix/examples/test_psl.txt");
  const PublicSuffixList list = System();
  int read = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("checkPublicSuffix('")) continue;
    const auto arguments = Arguments(line);
    const bool ascii = std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) continue;  // the list is asked in A-labels
    CAPTURE(line);
    ++read;
    if (arguments[1].empty())
      CHECK_FALSE(list.OrganizationalDomain(arguments[0]).size() < arguments[0].size());
    else
      CHECK(list.OrganizationalDomain(arguments[0]) == arguments[1]);
  }
  if (file.is_open()) CHECK(read > 50);
}

TEST_CASE("a newer file stands in for the system's") {
  const sealpost::tests::TempFolder folder;
  const std::string path = folder.Write("list.dat", "// a comment\ncom\n*.wild.example\n!not.wild.example\n");
  const auto list = PublicSuffixList::FromFile(path);
  REQUIRE(list);
  CheckOrganizations(*list, {{"a.b.co.uk", "co.uk"},
                             {"a.b.example.com", "example.com"},
                             {"a.b.c.wild.example", "b.c.wild.example"},
                             {"a.not.wild.example", "not.wild.example"}});
}

TEST_CASE("the compiled form of the list is a file, too") {
  const auto list = PublicSuffixList::FromFile("/usr/share/publicsuffix/public_suffix_list.dafsa");
  REQUIRE(list);
  CHECK(list->OrganizationalDomain("a.b.example.co.uk") == "example.co.uk");
}

TEST_CASE("a file that is no list says so") {
  const sealpost::tests::TempFolder folder;
  CHECK(PublicSuffixList::FromFile(folder.File("none")).error().ends_with(" is not a file"));
  CHECK(PublicSuffixList::FromFile("/dev/zero").error() == "/dev/zero is not a file");
  CHECK(PublicSuffixList::FromFile(folder.path()).error().ends_with(" is not a file"));
  CHECK(PublicSuffixList::FromFile(folder.Write("empty", ""))
            .error()
            .ends_with(" is no public suffix list, or cannot be read"));
  CHECK(PublicSuffixList::FromFile(folder.Write("comments", "// com\n\n"))
            .error()
            .ends_with(" is no public suffix list, or cannot be read"));
  CHECK(PublicSuffixList::FromFile(folder.Write("huge", std::string(17 << 20, '/'))).error().ends_with("suffix list"));
}
