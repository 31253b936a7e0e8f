#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "tests/support/deadline.h"

namespace sealpost::tests {
namespace {

using std::chrono::milliseconds;

bool WaitReady(int socket, short events, Deadline deadline) {
  while (true) {
    pollfd entry{socket, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(Left(deadline).count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool SameName(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

std::optional<std::size_t> ParseNumber(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// A line with its end taken off; nothing if the connection ended first.
std::optional<std::string> TakeLine(RawConnection& connection, Deadline deadline) {
  if (!connection.ReceiveUntil("\r\n", Left(deadline))) return std::nullopt;
  std::string line = connection.Take(connection.received().find("\r\n") + 2);
  line.resize(line.size() - 2);
  return line;
}

bool AppendExactly(RawConnection& connection, std::size_t count, Deadline deadline, std::string& body) {
  while (connection.received().size() < count) {
    if (connection.Receive(Left(deadline)) != RawConnection::Event::kMore) return false;
  }
  body += connection.Take(count);
  return true;
}

bool ReadChunks(RawConnection& connection, Deadline deadline, std::string& body) {
  while (true) {
    const auto line = TakeLine(connection, deadline);
    const auto size = line ? ParseNumber(*line, 16) : std::nullopt;
    if (!size || !AppendExactly(connection, *size, deadline, body)) return false;
    const auto rest = TakeLine(connection, deadline);
    if (!rest || !rest->empty()) return false;
    if (*size == 0) return true;
  }
}

bool ReadHead(RawConnection& connection, Deadline deadline, HttpReply& reply) {
  const auto first = TakeLine(connection, deadline);
  if (!first || !first->starts_with("HTTP/1.")) return false;
  const std::size_t space = first->find(' ');
  const auto status = space == std::string::npos ? std::nullopt : ParseNumber(first->substr(space + 1, 3), 10);
  if (!status) return false;
  reply = {};
  reply.status = static_cast<int>(*status);
  while (true) {
    const auto line = TakeLine(connection, deadline);
    if (!line) return false;
    if (line->empty()) break;
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos) return false;
    const std::size_t value = std::min(line->find_first_not_of(" \t", colon + 1), line->size());
    const std::size_t end = std::max(line->find_last_not_of(" \t") + 1, value);
    reply.headers.emplace_back(line->substr(0, colon), line->substr(value, end - value));
  }
  reply.kept_open = first->starts_with("HTTP/1.1") ? !SameName(reply.Header("Connection"), "close")
                                                   : SameName(reply.Header("Connection"), "keep-alive");
  return true;
}

// RFC 9112 6.3.
bool ReadBody(RawConnection& connection, std::string_view method, Deadline deadline, HttpReply& reply) {
  if (method == "HEAD" || reply.status == 204 || reply.status == 304) return true;
  if (SameName(reply.Header("Transfer-Encoding"), "chunked")) return ReadChunks(connection, deadline, reply.body);
  const std::string_view length = reply.Header("Content-Length");
  if (!length.empty()) {
    const auto count = ParseNumber(length, 10);
    return count && AppendExactly(connection, *count, deadline, reply.body);
  }
  reply.kept_open = false;
  const bool closed = connection.ReceiveUntilClosed(Left(deadline));
  reply.body = connection.Take();
  return closed;
}

std::string RequestText(std::string_view method, std::string_view path, const HttpHeaders& headers,
                        std::string_view body, std::string_view host) {
  const auto given = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& header) { return SameName(header.first, name); });
  };
  std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n";
  if (!given("Host")) text += "Host: " + std::string(host) + "\r\n";
  const bool needs_length = !body.empty() || (method != "GET" && method != "HEAD");
  if (needs_length && !given("Content-Length") && !given("Transfer-Encoding")) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, const std::string& address) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1) throw std::runtime_error("no IPv4 address");
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    const int reason = errno;
    if (socket_ >= 0) ::close(socket_);
    throw std::runtime_error("cannot connect to " + address + ":" + std::to_string(port) + ": " +
                             std::strerror(reason));
  }
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

RawConnection::~RawConnection() {
  if (socket_ >= 0) ::close(socket_);
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

RawConnection& RawConnection::operator=(RawConnection&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(received_, other.received_);
  return *this;
}

bool RawConnection::Send(std::string_view bytes, milliseconds limit) {
  const Deadline deadline = In(limit);
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EINTR) {
      if (!WaitReady(socket_, POLLOUT, deadline)) return false;
    } else {
      return false;
    }
  }
  return true;
}

void RawConnection::FinishSending() {
  ::shutdown(socket_, SHUT_WR);
}

RawConnection::Event RawConnection::Receive(milliseconds limit) {
  char chunk[16384];
  if (!WaitReady(socket_, POLLIN, In(limit))) return Event::kLate;
  const ssize_t count = ::recv(socket_, chunk, sizeof chunk, 0);
  if (count <= 0) return Event::kClosed;
  received_.append(chunk, static_cast<std::size_t>(count));
  return Event::kMore;
}

bool RawConnection::ReceiveUntil(std::string_view text, milliseconds limit) {
  const Deadline deadline = In(limit);
  while (received_.find(text) == std::string::npos) {
    if (Receive(Left(deadline)) != Event::kMore) return false;
  }
  return true;
}

bool RawConnection::ReceiveUntilClosed(milliseconds limit) {
  const Deadline deadline = In(limit);
  Event event = Event::kMore;
  while (event == Event::kMore) event = Receive(Left(deadline));
  return event == Event::kClosed;
}

std::string RawConnection::Take(std::size_t count) {
  std::string taken = received_.substr(0, count);
  received_.erase(0, taken.size());
  return taken;
}

std::string_view HttpReply::Header(std::string_view name) const {
  for (const auto& [own, value] : headers) {
    if (SameName(own, name)) return value;
  }
  return {};
}

std::optional<HttpReply> ReadReply(RawConnection& connection, std::string_view method, milliseconds limit) {
  const Deadline deadline = In(limit);
  HttpReply reply;
  do {
    if (!ReadHead(connection, deadline, reply)) return std::nullopt;
  } while (reply.status >= 100 && reply.status < 200);
  if (!ReadBody(connection, method, deadline, reply)) return std::nullopt;
  return reply;
}

HttpClient::HttpClient(std::uint16_t port, std::string address) : port_(port), address_(std::move(address)) {}

HttpReply HttpClient::Do(std::string_view method, std::string_view path, const HttpHeaders& headers,
                         std::string_view body, milliseconds limit) {
  const std::string request = RequestText(method, path, headers, body, address_ + ":" + std::to_string(port_));
  const Deadline deadline = In(limit);
  // A connection on which something arrived unasked is one that the server has closed meanwhile.
  if (connection_ && connection_->Receive(milliseconds(0)) != RawConnection::Event::kLate) connection_.reset();
  if (!connection_) connection_.emplace(port_, address_);

  // A server may answer and close before it has read all: what counts is the reply.
  connection_->Send(request, Left(deadline));
  auto reply = ReadReply(*connection_, method, Left(deadline));
  if (!reply || !reply->kept_open) connection_.reset();
  if (!reply) {
    throw std::runtime_error("no whole reply to " + std::string(method) + " " + std::string(path) + " within " +
                             std::to_string(limit.count()) + " ms");
  }
  return std::move(*reply);
}

}  // namespace sealpost::tests
