#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>

#include "api/http/server.h"
#include "mailer/base/tls_files.h"
#include "tests/api/http/no_keys.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::http;
using sealpost::tests::NoKeys;

namespace {

struct ListenerHouse {
  NoKeys keys;
  Router router{keys};
  base::SystemClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  tests::TempFolder folder;

  ListenerHouse() {
    router.Add("POST", "/echo", Access::kPublic, [](const Request& request) {
      return Response{.content_type = request.secure ? "text/secure" : "text/plain", .body = request.body};
    });
  }
  base::Result<std::unique_ptr<Server>> Start(ServerOptions options) {
    return Server::Start(std::move(options), router, clock, log, metrics);
  }
  ServerOptions Secure() {
    const auto pair = base::MakeSelfSigned("localhost", 2).value();
    return {.listen = "127.0.0.1:0",
            .certificate_file = folder.Write("cert.pem", pair.certificate_pem),
            .key_file = folder.Write("key.pem", pair.key_pem)};
  }
};

int ConnectUnix(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

int ConnectTcp(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

// A TLS client straight on OpenSSL, of at most the given version.
class TlsClient {
 public:
  TlsClient(int port, int least, int most) : context_(SSL_CTX_new(TLS_client_method())), fd_(ConnectTcp(port)) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, least);
    SSL_CTX_set_max_proto_version(context_, most);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(fd_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  std::string cipher() const { return SSL_get_cipher(ssl_); }
  std::string name() const {
    X509* certificate = SSL_get0_peer_certificate(ssl_);
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    return name;
  }
  void Send(std::string_view bytes) { REQUIRE(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0); }
  std::string ReadAll() {
    std::string out;
    char buffer[16384];
    for (int got = 0; (got = SSL_read(ssl_, buffer, sizeof buffer)) > 0;)
      out.append(buffer, static_cast<std::size_t>(got));
    return out;
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  int fd_;
  bool connected_ = false;
};

std::string EchoRequest(const std::string& body, const std::string& connection) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: " + connection +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("A unix socket is its owner's alone and gone with the server") {
  ListenerHouse house;
  const std::string path = house.folder.File("admin.sock");
  auto server = house.Start({.listen = "unix:" + path});
  REQUIRE_MESSAGE(server.has_value(), server.error().message);
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);

  const int fd = ConnectUnix(path);
  REQUIRE(fd >= 0);
  const std::string bytes = EchoRequest("hello", "close");
  REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\nhello"));

  const auto second = house.Start({.listen = "unix:" + path});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == base::ErrorKind::kUnavailable);
  server->reset();
  CHECK(::stat(path.c_str(), &facts) != 0);
}

TEST_CASE("A socket that a dead process left behind is replaced, a file is not") {
  ListenerHouse house;
  const std::string path = house.folder.File("admin.sock");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
  CHECK(house.Start({.listen = "unix:" + path}).has_value());

  const std::string file = house.folder.Write("notes.txt", "precious");
  CHECK_FALSE(house.Start({.listen = "unix:" + file}).has_value());
  CHECK(house.folder.Read("notes.txt") == "precious");
  CHECK_FALSE(house.Start({.listen = "unix:"}).has_value());
  CHECK_FALSE(house.Start({.listen = "unix:/" + std::string(200, 'x')}).has_value());
}

TEST_CASE("TLS 1.2 and 1.3 are spoken with forward secrecy, older versions are not") {
  ListenerHouse house;
  auto server = house.Start(house.Secure());
  REQUIRE_MESSAGE(server.has_value(), server.error().message);
  const int port = (*server)->port();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port, version, version);
    REQUIRE(client.connected());
    if (version == TLS1_2_VERSION) CHECK(client.cipher().starts_with("ECDHE-"));
    const std::string large(300'000, 'x');
    client.Send(EchoRequest("one", "keep-alive"));
    client.Send(EchoRequest(large, "close"));
    const std::string answers = client.ReadAll();
    CHECK(answers.find("Content-Type: text/secure") != std::string::npos);
    CHECK(answers.find("\r\n\r\none") != std::string::npos);
    CHECK(answers.ends_with(large));
  }
  CHECK_FALSE(TlsClient(port, TLS1_VERSION, TLS1_1_VERSION).connected());
}

TEST_CASE("A renewed certificate is shown to new connections, one that cannot be used to none") {
  ListenerHouse house;
  const ServerOptions options = house.Secure();
  auto server = house.Start(options);
  REQUIRE(server.has_value());
  const int port = (*server)->port();
  TlsClient standing(port, TLS1_3_VERSION, TLS1_3_VERSION);
  REQUIRE(standing.connected());
  CHECK(standing.name() == "localhost");
  const auto pair = base::MakeSelfSigned("renewed.example", 2).value();
  house.folder.Write("cert.pem", pair.certificate_pem);
  const auto refused = (*server)->RenewCertificate();  // its key is not there yet
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find(options.certificate_file) != std::string::npos);
  CHECK(TlsClient(port, TLS1_3_VERSION, TLS1_3_VERSION).name() == "localhost");
  house.folder.Write("key.pem", pair.key_pem);
  REQUIRE((*server)->RenewCertificate().has_value());
  CHECK(TlsClient(port, TLS1_3_VERSION, TLS1_3_VERSION).name() == "renewed.example");
  standing.Send(EchoRequest("still here", "close"));
  CHECK(standing.ReadAll().ends_with("still here"));

  auto plain = house.Start({.listen = "127.0.0.1:0"});
  REQUIRE(plain.has_value());
  CHECK((*plain)->RenewCertificate().has_value());
}

TEST_CASE("Plain text on a TLS port ends the connection and no other") {
  ListenerHouse house;
  auto server = house.Start(house.Secure());
  REQUIRE(server.has_value());
  tests::RawConnection plain(static_cast<std::uint16_t>((*server)->port()));
  plain.Send(EchoRequest("x", "close"));
  CHECK(plain.ReceiveUntilClosed());
  CHECK(plain.received().find("HTTP/1.1") == std::string::npos);
  TlsClient client((*server)->port(), TLS1_3_VERSION, TLS1_3_VERSION);
  REQUIRE(client.connected());
  client.Send(EchoRequest("y", "close"));
  CHECK(client.ReadAll().ends_with("\r\n\r\ny"));
}

TEST_CASE("A handshake that never comes to an end is given up") {
  ListenerHouse house;
  auto options = house.Secure();
  options.head_time = std::chrono::milliseconds(200);
  auto server = house.Start(options);
  REQUIRE(server.has_value());
  tests::RawConnection half(static_cast<std::uint16_t>((*server)->port()));
  half.Send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  CHECK(half.ReceiveUntilClosed());
}
