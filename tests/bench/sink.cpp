// Counts mail: an SMTP server that takes every message and keeps none. PIPELINING; STARTTLS if it has a certificate.
//   bench_sink [--expect N] [--delay MS] [--cert FILE --key FILE]
// Prints `ready PORT`, `counted N NANOSECONDS` when the N-th message is in, and on SIGTERM one JSON object. One thread
// a connection; --delay holds every answer back.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/bench/options.h"

namespace sealpost::bench {
namespace {

struct Sink {
  std::uint64_t expect = 0;
  std::chrono::milliseconds delay{0};
  SSL_CTX* tls = nullptr;  // null: no STARTTLS
  std::atomic<std::uint64_t> messages = 0, bytes = 0, signed_messages = 0, connections = 0, handshakes = 0;
};

class Session {
 public:
  Session(Sink& sink, int socket) : sink_(sink), socket_(socket) {}
  ~Session() {
    SSL_free(tls_);
    ::close(socket_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Run() {
    out_ = "220 sink.example ESMTP\r\n";
    while (const auto line = Line()) {
      if (!Obey(*line)) break;
    }
    Flush();
  }

 private:
  bool Obey(std::string_view line) {
    if (line.starts_with("DATA")) {
      out_ += "354 go on\r\n";
      return TakeMessage();
    }
    if (line.starts_with("QUIT")) {
      out_ += "221 bye\r\n";
      return false;
    }
    if (line.starts_with("STARTTLS")) return StartTls();
    if (line.starts_with("EHLO")) {
      const bool offers_tls = sink_.tls != nullptr && tls_ == nullptr;
      out_ += std::string("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n") +
              (offers_tls ? "250-STARTTLS\r\n" : "") + "250 SIZE 33554432\r\n";
      return true;
    }
    out_ += "250 ok\r\n";
    return true;
  }

  bool StartTls() {
    if (sink_.tls == nullptr || tls_ != nullptr) {
      out_ += "503 no\r\n";
      return true;
    }
    out_ += "220 go ahead\r\n";
    if (!Flush()) return false;
    in_.clear();
    read_ = 0;
    SSL* tls = SSL_new(sink_.tls);
    SSL_set_fd(tls, socket_);
    tls_ = tls;
    ++sink_.handshakes;
    return SSL_accept(tls) == 1;
  }

  bool TakeMessage() {
    constexpr std::string_view kEnd = "\r\n.\r\n";
    if (!Flush()) return false;
    std::size_t end = std::string::npos;
    // An empty message ends with the line end of DATA itself.
    while (in_.size() - read_ < 3 || !(std::string_view(in_).substr(read_).starts_with(".\r\n"))) {
      end = in_.find(kEnd, scanned_ < read_ ? read_ : scanned_);
      if (end != std::string::npos) break;
      scanned_ = in_.size() - read_ > kEnd.size() ? in_.size() - kEnd.size() : read_;
      if (!Fill()) return false;
    }
    const bool empty = end == std::string::npos;
    Count(std::string_view(in_).substr(read_, empty ? 0 : end + 2 - read_));
    read_ = empty ? read_ + 3 : end + kEnd.size();
    scanned_ = 0;
    out_ += "250 taken\r\n";
    return true;
  }

  void Count(std::string_view message) {
    if (message.starts_with("DKIM-Signature:")) ++sink_.signed_messages;
    sink_.bytes += message.size();
    if (++sink_.messages == sink_.expect) {
      std::printf("counted %llu %lld\n", static_cast<unsigned long long>(sink_.expect),
                  static_cast<long long>(Nanoseconds()));
      std::fflush(stdout);
    }
  }

  std::optional<std::string> Line() {
    for (;;) {
      const std::size_t end = in_.find("\r\n", read_);
      if (end != std::string::npos) {
        std::string line = in_.substr(read_, end - read_);
        read_ = end + 2;
        return line;
      }
      if (!Fill()) return std::nullopt;
    }
  }

  // RFC 2920 3.2: the answers to a group leave together, when nothing is left to read.
  bool Fill() {
    if (!Flush()) return false;
    in_.erase(0, read_);
    scanned_ -= std::min(scanned_, read_);
    read_ = 0;
    char piece[16 * 1024];
    const auto got = tls_ != nullptr ? SSL_read(tls_, piece, sizeof piece) : ::recv(socket_, piece, sizeof piece, 0);
    if (got <= 0) return false;
    in_.append(piece, static_cast<std::size_t>(got));
    return true;
  }

  bool Flush() {
    if (out_.empty()) return true;
    if (sink_.delay.count() > 0) std::this_thread::sleep_for(sink_.delay);
    const std::string out = std::exchange(out_, {});
    const auto size = static_cast<int>(out.size());
    if (tls_ != nullptr) return SSL_write(tls_, out.data(), size) == size;
    return ::send(socket_, out.data(), out.size(), MSG_NOSIGNAL) == size;
  }

  Sink& sink_;
  const int socket_;
  SSL* tls_ = nullptr;
  std::string in_, out_;
  std::size_t read_ = 0;     // of in_, what has been dealt with
  std::size_t scanned_ = 0;  // of in_, where the end of the message cannot begin before
};

SSL_CTX* LoadIdentity(const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return nullptr;
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    Die("bench_sink: cannot use " + certificate + " and " + key);
  }
  return context;
}

int Listen() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 1024) != 0 || ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("bench_sink: cannot listen on 127.0.0.1");
  }
  std::printf("ready %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void Serve(Sink& sink, int listener) {
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++sink.connections;
    std::thread([&sink, socket] { Session(sink, socket).Run(); }).detach();
  }
}

void PrintSummary(const Sink& sink) {
  std::printf(R"({"messages":%llu,"bytes":%llu,"signed":%llu,"connections":%llu,"handshakes":%llu})"
              "\n",
              static_cast<unsigned long long>(sink.messages), static_cast<unsigned long long>(sink.bytes),
              static_cast<unsigned long long>(sink.signed_messages), static_cast<unsigned long long>(sink.connections),
              static_cast<unsigned long long>(sink.handshakes));
  std::fflush(stdout);
}

}  // namespace
}  // namespace sealpost::bench

int main(int argc, char** argv) {
  using namespace sealpost::bench;
  const Options options(argc, argv);
  static Sink sink;  // outlives the detached threads
  sink.expect = static_cast<std::uint64_t>(options.Number("--expect", 0));
  sink.delay = std::chrono::milliseconds(options.Number("--delay", 0));
  sink.tls = LoadIdentity(options.Text("--cert"), options.Text("--key"));
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const int listener = Listen();
  std::thread([listener] { Serve(sink, listener); }).detach();
  int received = 0;
  sigwait(&stop, &received);
  PrintSummary(sink);
  std::_Exit(0);
}
