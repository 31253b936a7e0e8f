// A small blocking HTTP/1.1 client for tests, straight on a socket: it shares no code with the server it judges.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealpost::tests {

constexpr std::chrono::milliseconds kNetworkPatience = std::chrono::seconds(30);

// One TCP connection that carries whatever bytes a test sends. Of one thread.
class RawConnection {
 public:
  // Throws std::runtime_error if nobody listens there.
  explicit RawConnection(std::uint16_t port, const std::string& address = "127.0.0.1");
  ~RawConnection();
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&& other) noexcept;

  // False if the peer has closed or does not read in time.
  bool Send(std::string_view bytes, std::chrono::milliseconds limit = kNetworkPatience);
  // Says that nothing more will be sent; reading goes on.
  void FinishSending();

  // Adds what arrives to received(). kMore: something arrived; kClosed: the peer has closed or reset; kLate: nothing
  // came in time.
  enum class Event { kMore, kClosed, kLate };
  Event Receive(std::chrono::milliseconds limit = kNetworkPatience);
  // True as soon as received() contains the text.
  bool ReceiveUntil(std::string_view text, std::chrono::milliseconds limit = kNetworkPatience);
  // True if the peer closed within the time.
  bool ReceiveUntilClosed(std::chrono::milliseconds limit = kNetworkPatience);

  // What has arrived and was not taken yet.
  const std::string& received() const { return received_; }
  std::string Take(std::size_t count = std::string::npos);

 private:
  int socket_ = -1;
  std::string received_;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  bool kept_open = false;  // the server will take another request on this connection

  // The value of the first header of that name (any case); empty if there is none.
  std::string_view Header(std::string_view name) const;
};

// The next reply on a connection; `method` is that of its request. Nothing if the connection ended or the time was
// over before a whole reply had come, or if what came is no reply.
std::optional<HttpReply> ReadReply(RawConnection& connection, std::string_view method = "GET",
                                   std::chrono::milliseconds limit = kNetworkPatience);

// Keeps its connection from request to request, and opens a new one when the server closed it. Of one thread.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, std::string address = "127.0.0.1");

  // Host and Content-Length are added unless given. Throws std::runtime_error if no whole reply comes in time.
  HttpReply Do(std::string_view method, std::string_view path, const HttpHeaders& headers = {},
               std::string_view body = {}, std::chrono::milliseconds limit = kNetworkPatience);
  HttpReply Get(std::string_view path, const HttpHeaders& headers = {}) { return Do("GET", path, headers); }
  HttpReply Post(std::string_view path, const HttpHeaders& headers, std::string_view body) {
    return Do("POST", path, headers, body);
  }

 private:
  std::uint16_t port_;
  std::string address_;
  std::optional<RawConnection> connection_;
};

}  // namespace sealpost::tests
