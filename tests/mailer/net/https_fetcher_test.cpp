#include "mailer/net/https_fetcher.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "mailer/net/smtp_connection.h"
#include "tests/support/https_server.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::tests;

namespace {

constexpr const char* kHost = "mta-sts.example.com";
constexpr const char* kUrl = "https://mta-sts.example.com/.well-known/mta-sts.txt";

std::string Answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HttpsServerOptions Serving(const std::string& answer) {
  HttpsServerOptions options;
  options.certificate_names = std::string("DNS:") + kHost;
  options.answer = answer;
  return options;
}

dns::FetchRequest Request(const std::string& url = kUrl, const std::string& ip = "127.0.0.1") {
  return {.url = url, .addresses = {*dns::ParseIp(ip)}, .timeout = std::chrono::seconds(20)};
}

// A server, trusted unless told otherwise, and a fetcher whose every connection goes to it.
struct Trial {
  explicit Trial(HttpsServerOptions options, bool trusted = true) : server(std::move(options)) {
    client.ca_file = trusted ? folder.Write("ca.pem", server.certificate_pem()) : "";
    client.connect_host = "127.0.0.1";
    client.connect_port = server.port();
  }
  dns::FetchResult Fetch(const dns::FetchRequest& request = Request()) const {
    return net::MakeHttpsFetcher(client)(request);
  }

  std::shared_ptr<void> network = net::InitNetwork();
  TempFolder folder;
  HttpsServer server;
  net::HttpsFetcherOptions client;
};

}  // namespace

TEST_CASE("a file comes with its status and media type") {
  const Trial trial(Serving(Answer("200 OK", "Content-Type: text/plain; charset=utf-8\r\n", "version: STSv1\n")));
  const auto result = trial.Fetch();
  CHECK(result.problem == "");
  CHECK(result.status == 200);
  CHECK(result.content_type == "text/plain; charset=utf-8");
  CHECK(result.body == "version: STSv1\n");
  REQUIRE(trial.server.requests().size() == 1);
  CHECK(
      trial.server.requests()[0].starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n"));
}

TEST_CASE("a status of failure is an answer") {
  const auto result = Trial(Serving(Answer("404 Not Found", "", "nothing here"))).Fetch();
  CHECK(result.status == 404);
  CHECK(result.problem == "");
}

TEST_CASE("a redirect is handed back and not followed") {
  const Trial trial(Serving(Answer("301 Moved", "Location: https://mta-sts.example.com/other\r\n", "")));
  CHECK(trial.Fetch().status == 301);
  CHECK(trial.server.connections() == 1);
}

TEST_CASE("a certificate for another name is the domain's fault") {
  HttpsServerOptions options = Serving(Answer("200 OK", "", "x"));
  options.certificate_names = "DNS:www.example.com,IP:127.0.0.1";
  const Trial trial(options);
  const auto result = trial.Fetch();
  CHECK(result.status == 0);
  CHECK(result.problem == "the certificate is not for mta-sts.example.com");
  CHECK_FALSE(result.could_not_tell);
  CHECK(trial.server.requests().empty());
}

TEST_CASE("a certificate that nobody we know has signed is the domain's fault") {
  const Trial trial(Serving(Answer("200 OK", "", "x")), false);
  const auto result = trial.Fetch();
  CHECK(result.status == 0);
  CHECK(result.problem.find("the certificate of mta-sts.example.com is not trusted: self") != std::string::npos);
  CHECK_FALSE(result.could_not_tell);
  CHECK(trial.server.requests().empty());
}

TEST_CASE("an expired certificate is the domain's fault") {
  HttpsServerOptions options = Serving(Answer("200 OK", "", "x"));
  options.certificate_days = -1;
  const auto result = Trial(options).Fetch();
  CHECK(result.problem.find("expired") != std::string::npos);
  CHECK_FALSE(result.could_not_tell);
}

TEST_CASE("TLS below 1.2 is refused") {
  HttpsServerOptions options = Serving(Answer("200 OK", "", "x"));
  options.max_tls = TLS1_1_VERSION;
  const auto result = Trial(options).Fetch();
  CHECK(result.status == 0);
  CHECK(result.problem != "");
  CHECK_FALSE(result.could_not_tell);
}

TEST_CASE("64 KiB are taken, one byte more is not") {
  CHECK(Trial(Serving(Answer("200 OK", "", std::string(65'536, 'x')))).Fetch().body.size() == 65'536);
  const auto result = Trial(Serving(Answer("200 OK", "", std::string(65'537, 'x')))).Fetch();
  CHECK(result.status == 0);
  CHECK(result.body == "");
  CHECK(result.problem == "mta-sts.example.com answers with more than 64 KiB");
  CHECK_FALSE(result.could_not_tell);
}

TEST_CASE("a server that says nothing leaves it open, after the time allowed") {
  HttpsServerOptions options = Serving("");
  options.silent = true;
  auto request = Request();
  request.timeout = std::chrono::milliseconds(200);
  const auto result = Trial(options).Fetch(request);
  CHECK(result.problem == "mta-sts.example.com did not answer in time");
  CHECK(result.could_not_tell);
}

TEST_CASE("a server that hangs up without a word leaves it open") {
  const auto result = Trial(Serving("")).Fetch();
  CHECK(result.status == 0);
  CHECK(result.could_not_tell);
}

TEST_CASE("a port where nobody listens leaves it open") {
  const auto network = net::InitNetwork();
  int port = 0;
  {
    const HttpsServer gone(Serving(""));
    port = gone.port();
  }
  net::HttpsFetcherOptions options;
  options.connect_host = "127.0.0.1";
  options.connect_port = port;
  const auto result = net::MakeHttpsFetcher(options)(Request());
  CHECK(result.problem != "");
  CHECK(result.could_not_tell);
}

TEST_CASE("a CA file that cannot be read is our fault, not the domain's") {
  Trial trial(Serving(Answer("200 OK", "", "x")));
  trial.client.ca_file = trial.folder.File("nothing.pem");
  const auto result = trial.Fetch();
  CHECK(result.problem.find("nothing.pem") != std::string::npos);
  CHECK(result.could_not_tell);
}

TEST_CASE("an address that is not public is not connected to") {
  const auto network = net::InitNetwork();
  const auto fetch = net::MakeHttpsFetcher({});
  for (const std::string ip : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:127.0.0.1"}) {
    const auto result = fetch(Request(kUrl, ip));
    CHECK_MESSAGE(result.problem == "mta-sts.example.com has no public address", ip);
    CHECK_FALSE(result.could_not_tell);
  }
  CHECK(fetch({.url = kUrl, .addresses = {}}).problem == "mta-sts.example.com has no public address");
}

TEST_CASE("a URL that leads past the addresses handed in is refused") {
  const Trial trial(Serving(Answer("200 OK", "", "x")));
  for (const std::string url :
       {"http://mta-sts.example.com/", "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://[::1]/",
        "https://mta-sts.example.com:8443/", "https://mta-sts.example.com./", "https://user@mta-sts.example.com/",
        "file:///etc/passwd", "mta-sts.example.com", "", "https://a b/"}) {
    const auto result = trial.Fetch(Request(url));
    CHECK_MESSAGE(result.status == 0, url);
    CHECK_MESSAGE(result.problem.find("not an https:// URL") != std::string::npos, url);
  }
  CHECK(trial.server.connections() == 0);
}

TEST_CASE("an answer that is no HTTP is the domain's fault") {
  const auto result = Trial(Serving("SSH-2.0-OpenSSH\r\n")).Fetch();
  CHECK(result.status == 0);
  CHECK(result.problem != "");
  CHECK_FALSE(result.could_not_tell);
}
