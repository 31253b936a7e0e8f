#include "mailer/net/http_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "mailer/net/smtp_connection.h"
#include "tests/support/temp_folder.h"

using sealpost::base::ErrorKind;
using sealpost::net::Call;
using sealpost::net::HttpCall;

namespace {

// Takes one request and gives one answer; an empty one is silence until the client goes.
class OneAnswer {
 public:
  OneAnswer(const std::string& unix_socket, std::string answer) : answer_(std::move(answer)) {
    sockaddr_un local{};
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sun_family = AF_UNIX;
    std::strncpy(local.sun_path, unix_socket.c_str(), sizeof local.sun_path - 1);
    const bool by_path = !unix_socket.empty();
    auto* address = by_path ? reinterpret_cast<sockaddr*>(&local) : reinterpret_cast<sockaddr*>(&loopback);
    socklen_t length = by_path ? sizeof local : sizeof loopback;
    listener_ = ::socket(by_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(listener_, address, length) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    if (!by_path) {
      ::getsockname(listener_, address, &length);
      port_ = ntohs(loopback.sin_port);
    }
    thread_ = std::thread([this] { Serve(); });
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string Url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  // What the client sent; ask when the call is over.
  const std::string& request() {
    ::shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) {
      thread_.join();
      thread_ = std::thread([] {});
    }
    return request_;
  }

 private:
  void Serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    std::array<char, 4096> bytes;
    ssize_t count = 0;
    while (client >= 0 && (count = ::recv(client, bytes.data(), bytes.size(), 0)) > 0) {
      request_.append(bytes.data(), static_cast<std::size_t>(count));
      if (!answer_.empty() && Whole()) {
        ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        break;
      }
    }
    ::close(client);
  }
  bool Whole() const {
    const std::size_t end = request_.find("\r\n\r\n");
    const std::size_t length = request_.find("Content-Length: ");
    const std::size_t body = length == std::string::npos ? 0 : std::stoul(request_.substr(length + 16));
    return end != std::string::npos && request_.size() >= end + 4 + body;
  }

  std::string answer_, request_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

HttpCall To(const std::string& url) {
  HttpCall call;
  call.url = url;
  return call;
}

}  // namespace

TEST_CASE("a GET over a unix socket brings status and body") {
  const auto network = sealpost::net::InitNetwork();
  sealpost::tests::TempFolder folder;
  OneAnswer server(folder.File("admin.sock"), kFine);
  HttpCall call = To("http://localhost/x/queue?state=queued");
  call.unix_socket = folder.File("admin.sock");
  call.headers = {{"X-One", "1"}};
  const auto answer = Call(call);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK(server.request().starts_with("GET /x/queue?state=queued HTTP/1.1\r\n"));
  CHECK(server.request().find("X-One: 1\r\n") != std::string::npos);
}

TEST_CASE("a POST carries its body whatever bytes it has") {
  const auto network = sealpost::net::InitNetwork();
  OneAnswer server("", kFine);
  HttpCall call = To(server.Url("/x/pause"));
  call.method = "POST";
  call.body = std::string("{\"a\":\0\"b\"}", 10);
  call.headers = {{"Content-Type", "application/json"}};
  REQUIRE(Call(call).has_value());
  CHECK(server.request().ends_with("\r\n\r\n" + call.body));
  CHECK(server.request().find("Expect") == std::string::npos);
}

TEST_CASE("a POST without a body says so, a DELETE without one says nothing") {
  const auto network = sealpost::net::InitNetwork();
  OneAnswer post("", kFine);
  HttpCall call = To(post.Url("/x/resume"));
  call.method = "POST";
  REQUIRE(Call(call).has_value());
  CHECK(post.request().find("Content-Length: 0\r\n") != std::string::npos);
  OneAnswer remove("", kFine);
  call = To(remove.Url("/x/suppressions/1"));
  call.method = "DELETE";
  REQUIRE(Call(call).has_value());
  CHECK(remove.request().starts_with("DELETE /x/suppressions/1 "));
  CHECK(remove.request().find("Content-Length") == std::string::npos);
}

TEST_CASE("any status is an answer, and a redirect is not followed") {
  const auto network = sealpost::net::InitNetwork();
  OneAnswer server("", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n");
  const auto answer = Call(To(server.Url("/")));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 302);
}

TEST_CASE("nobody there is unavailable and names the socket") {
  const auto network = sealpost::net::InitNetwork();
  sealpost::tests::TempFolder folder;
  HttpCall call = To("http://localhost/");
  call.unix_socket = folder.File("admin.sock");
  const auto answer = Call(call);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::kUnavailable);
  CHECK(answer.error().message.ends_with("admin.sock: No such file or directory"));
}

TEST_CASE("silence ends with the time of the call") {
  const auto network = sealpost::net::InitNetwork();
  OneAnswer server("", "");
  HttpCall call = To(server.Url("/"));
  call.timeout = std::chrono::milliseconds(100);
  const auto answer = Call(call);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::kUnavailable);
}

TEST_CASE("only http to this machine, and no header that is two") {
  const auto network = sealpost::net::InitNetwork();
  for (const char* url : {"http://192.0.2.1/", "https://127.0.0.1/", "file:///etc/passwd", "http://localhost.example/",
                          "http://127.0.0.1@192.0.2.1/", "", "http://", "ftp://127.0.0.1/"}) {
    CAPTURE(url);
    const auto answer = Call(To(url));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == ErrorKind::kInvalid);
  }
  HttpCall call = To("http://127.0.0.1:1/");
  call.headers = {{"X-One", "1\r\nX-Two: 2"}};
  CHECK(Call(call).error().field == "headers");
}
