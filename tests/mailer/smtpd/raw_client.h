// A client that sends exactly the bytes it is told to, and reads whole replies.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>

class RawClient {
 public:
  explicit RawClient(int port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    std::signal(SIGPIPE, SIG_IGN);
    const timeval patience{30, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~RawClient() {
    if (ssl_) SSL_free(ssl_);
    if (context_) SSL_CTX_free(context_);
    close(descriptor_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // The answer to EHLO after a greeting.
  std::string Hello() {
    Reply();
    return Ask("EHLO client.example\r\n");
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                              : static_cast<int>(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (count <= 0) return;  // what the server made of it shows in its reply
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  // One whole reply with its line ends; "" when the server has closed.
  std::string Reply() {
    std::string reply;
    for (;;) {
      const std::size_t end = received_.find("\r\n");
      if (end == std::string::npos) {
        if (!Fill()) return "";
        continue;
      }
      const bool last = end >= 4 && received_[3] == ' ';
      reply += received_.substr(0, end + 2);
      received_.erase(0, end + 2);
      if (last) return reply;
    }
  }
  std::string Ask(std::string_view bytes) {
    Send(bytes);
    return Reply();
  }
  // Everything up to the server's close.
  std::string Rest() {
    while (Fill()) {
    }
    return std::move(received_);
  }
  bool StartTls() {
    context_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, descriptor_);
    return SSL_connect(ssl_) == 1;
  }
  void StopSending() { shutdown(descriptor_, SHUT_WR); }

 private:
  bool Fill() {
    char block[4096];
    const auto count =
        ssl_ ? SSL_read(ssl_, block, sizeof block) : static_cast<int>(recv(descriptor_, block, sizeof block, 0));
    if (count > 0) received_.append(block, static_cast<std::size_t>(count));
    return count > 0;
  }

  int descriptor_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string received_;
};
