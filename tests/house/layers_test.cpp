#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/house/checker.h"

using namespace sealpost::tests::house;

namespace {

const std::filesystem::path kRoot = SEALPOST_SOURCE_DIR;

Tree ReadTree(const std::vector<std::string>& folders) {
  Tree tree;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / folder)) {
      const std::string path = entry.path().lexically_relative(kRoot).string();
      const bool read = IsCode(path) || path.ends_with(".lua") || path.ends_with("/README.md");
      if (!entry.is_regular_file() || !read) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      tree[path] = {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }
  }
  return tree;
}

const Tree& House() {
  static const Tree tree = ReadTree({"mailer", "dns", "templates", "ratelimit", "api"});
  return tree;
}

void ReportAll(const Faults& faults) {
  for (const std::string& fault : faults) FAIL_CHECK(fault);
}

std::string Including(const std::string& header) {
  return "#include \"" + header + "\"\n";
}

std::string Lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "//\n";
  return text;
}

}  // namespace

TEST_CASE("the house keeps its floors, has no circle, and each library has one door") {
  REQUIRE(House().size() > 20);
  ReportAll(CheckIncludes(House()));
}

TEST_CASE("no header of the house shows another folder the headers of a library") {
  ReportAll(CheckLeaks(House()));
}

TEST_CASE("no file of the house is longer than 400 lines, and no README than 40") {
  ReportAll(CheckSizes(House()));
}

TEST_CASE("each folder of the house has a README") {
  ReportAll(CheckReadmes(House()));
}

TEST_CASE("the tools of the tests share no code with the program but its clock") {
  for (const auto& [path, text] : ReadTree({"tests/support"})) {
    for (const Include& include : IncludesOf(text)) {
      const bool allowed = include.header.starts_with("tests/support/") || include.header == "mailer/base/clock.h";
      if (include.quoted && !allowed) FAIL_CHECK(path << " includes " << include.header);
    }
  }
}

TEST_CASE("an include downward is no fault, however many floors it skips") {
  CHECK(CheckIncludes({{"api/app/main.cpp", Including("mailer/base/log.h") + Including("api/resources/emails.h")},
                       {"api/app/commands/serve.cpp", Including("api/app/app.h")},
                       {"mailer/submit/submitter.cpp", Including("ratelimit/limiter.h")},
                       {"dns/checks/spf.cpp", Including("dns/resolver.h")}})
            .empty());
}

TEST_CASE("a planted upward include is found") {
  CHECK(CheckIncludes({{"mailer/base/log.cpp", Including("mailer/model/email.h")}}) ==
        Faults{"mailer/base/log.cpp includes mailer/model/email.h: upward"});
  CHECK(CheckIncludes({{"mailer/queue/dispatcher.h", "  #  include   \"api/http/server.h\"  // why\n"}}) ==
        Faults{"mailer/queue/dispatcher.h includes api/http/server.h: upward"});
  CHECK(CheckIncludes({{"api/http/server.cpp", Including("api/app/config.h")}}).size() == 1);
}

TEST_CASE("a planted sideways include is found") {
  CHECK(CheckIncludes({{"mailer/net/http_client.cpp", Including("mailer/store/keys.h")}}) ==
        Faults{"mailer/net/http_client.cpp includes mailer/store/keys.h: sideways"});
  CHECK(CheckIncludes({{"api/dev/catcher.cpp", Including("api/pages/unsubscribe.h")}}).size() == 1);
  CHECK(CheckIncludes({{"mailer/base/id.cpp", Including("ratelimit/policy.h")}}).size() == 1);
}

TEST_CASE("a leaf that includes any other folder is found") {
  for (const char* header : {"mailer/base/error.h", "ratelimit/policy.h", "api/http/server.h"}) {
    CHECK(CheckIncludes({{"dns/wire.cpp", Including(header)}}).size() == 1);
  }
  CHECK(CheckIncludes({{"templates/mustache.cpp", Including("mailer/base/json.h")}}) ==
        Faults{"templates/mustache.cpp includes mailer/base/json.h: a leaf includes no other folder"});
}

TEST_CASE("a file or an include outside the table of folders is found") {
  CHECK(CheckIncludes({{"mailer/misc/x.cpp", ""}}) == Faults{"mailer/misc/x.cpp: in no folder of the house"});
  CHECK(CheckIncludes({{"mailer/basement/x.cpp", ""}}).size() == 1);
  CHECK(CheckIncludes({{"mailer/base/x.cpp", Including("x.h")}}).size() == 1);
  CHECK(CheckIncludes({{"mailer/base/x.cpp", Including("tests/support/wait.h")}}).size() == 1);
}

TEST_CASE("a planted circle of files is found and shown") {
  CHECK(
      CheckIncludes(
          {{"dns/a.h", Including("dns/b.h")}, {"dns/b.h", Including("dns/c.h")}, {"dns/c.h", Including("dns/b.h")}}) ==
      Faults{"a circle of files: dns/b.h -> dns/c.h -> dns/b.h"});
  CHECK(CheckIncludes({{"dns/a.h", Including("dns/a.h")}}) == Faults{"a circle of files: dns/a.h -> dns/a.h"});
  CHECK(CheckIncludes({{"dns/a.h", Including("dns/b.h") + Including("dns/c.h")}, {"dns/b.h", Including("dns/c.h")}})
            .empty());
}

TEST_CASE("a planted circle of folders is found though no two files make one") {
  const auto faults = CheckIncludes(
      {{"mailer/model/a.h", Including("mailer/base/b.h")}, {"mailer/base/c.h", Including("mailer/model/d.h")}});
  CHECK(faults == Faults{"mailer/base/c.h includes mailer/model/d.h: upward",
                         "a circle of folders: mailer/base -> mailer/model -> mailer/base"});
}

TEST_CASE("a file of 401 lines is found, one of 400 is none") {
  CHECK(CheckSizes({{"dns/a.cpp", Lines(400)}, {"ratelimit/a.lua", Lines(400)}, {"dns/README.md", Lines(40)}}).empty());
  CHECK(CheckSizes({{"dns/a.cpp", Lines(401)}}) == Faults{"dns/a.cpp has 401 lines; the stop is 400"});
  CHECK(CheckSizes({{"dns/a.cpp", Lines(400) + "// no line end"}}).size() == 1);
  CHECK(CheckSizes({{"ratelimit/admit.lua", Lines(401)}}).size() == 1);
  CHECK(CheckSizes({{"dns/README.md", Lines(41)}}).size() == 1);
}

TEST_CASE("a folder without a README is found") {
  CHECK(CheckReadmes({{"dns/a.cpp", ""}, {"mailer/base/a.cpp", ""}, {"mailer/base/README.md", ""}}) ==
        Faults{"dns/README.md is missing"});
  CHECK(CheckReadmes({{"api/app/README.md", ""}, {"api/app/commands/serve.cpp", ""}}).empty());
}

TEST_CASE("a foreign header outside its door is found") {
  const auto refused = [](const std::string& path, const std::string& header) {
    return !CheckIncludes({{path, "#include <" + header + ">\n"}}).empty();
  };
  CHECK_FALSE(refused("api/http/server.cpp", "Poco/Net/HTTPServer.h"));
  CHECK_FALSE(refused("mailer/store/session.cpp", "Poco/Data/Session.h"));
  CHECK_FALSE(refused("mailer/store/session.cpp", "Poco/Exception.h"));
  CHECK(refused("mailer/store/session.cpp", "Poco/Net/SocketAddress.h"));
  CHECK(refused("api/http/server.cpp", "Poco/Data/Session.h"));
  CHECK(refused("api/app/app.cpp", "Poco/Exception.h"));
  CHECK(refused("api/resources/emails.cpp", "Poco/Net/HTTPServer.h"));
  CHECK(refused("mailer/delivery/lanes.cpp", "curl/curl.h"));
  CHECK(refused("dns/wire.cpp", "ares.h"));
  CHECK_FALSE(refused("dns/cares_resolver.cpp", "ares_nameser.h"));
  CHECK(refused("ratelimit/redis_limiter.cpp", "hiredis/hiredis.h"));
  CHECK(refused("mailer/base/secret.cpp", "openssl/crypto.h"));
  CHECK(refused("mailer/dkim/signer.cpp", "openssl/evp.h"));
  CHECK_FALSE(refused("mailer/dkim/key.cpp", "openssl/evp.h"));
  CHECK(refused("mailer/dkim/key.cpp", "opendkim/dkim.h"));
  CHECK(refused("api/resources/emails.cpp", "simdjson.h"));
  CHECK(refused("mailer/base/json_writer.cpp", "simdjson.h"));
  CHECK(refused("mailer/base/threads.cpp", "spdlog/spdlog.h"));
  CHECK(refused("mailer/queue/dispatcher.cpp", "prometheus/counter.h"));
  CHECK(refused("api/resources/emails.cpp", "CLI/CLI.hpp"));
  CHECK_FALSE(refused("api/app/commands/serve.cpp", "CLI/CLI.hpp"));
  CHECK_FALSE(refused("mailer/message/compose.cpp", "fmt/format.h"));
  CHECK_FALSE(refused("mailer/smtpd/server.cpp", "sys/socket.h"));
  CHECK_FALSE(refused("mailer/smtpd/server.cpp", "string_view"));
}

TEST_CASE("a library that the table does not know is found") {
  CHECK(CheckIncludes({{"dns/wire.cpp", "#include <boost/asio.hpp>\n"}}) ==
        Faults{"dns/wire.cpp includes <boost/asio.hpp>: a library without a door"});
  CHECK(CheckIncludes({{"dns/wire.cpp", "#include <zlib.h>\n"}}).size() == 1);
}

TEST_CASE("a header that shows a library beyond its folder is found, even through another header") {
  const Tree tree = {{"mailer/net/curl.h", "#include <curl/curl.h>\n"},
                     {"mailer/net/smtp.h", Including("mailer/net/curl.h")},
                     {"mailer/net/smtp.cpp", Including("mailer/net/smtp.h")},
                     {"mailer/delivery/lanes.cpp", Including("mailer/net/smtp.h")}};
  CHECK(CheckLeaks(tree) ==
        Faults{"mailer/delivery/lanes.cpp includes mailer/net/smtp.h: that shows it the headers of a library"});
}
