#include "tests/support/fake_smtp_session.h"

#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sealpost::tests {
namespace {

std::string Base64(const std::string& text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

bool Begins(const std::string& line, const std::string& with) {
  return line.rfind(with, 0) == 0;
}

}  // namespace

FakeWire::~FakeWire() {
  SSL_free(ssl_);
  ::close(socket_);
}

bool FakeWire::Handshake(SSL_CTX* context) {
  ssl_ = SSL_new(context);
  return SSL_set_fd(ssl_, socket_) == 1 && SSL_accept(ssl_) == 1;
}

bool FakeWire::Send(const std::string& bytes) {
  if (ssl_ != nullptr) {
    return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool FakeWire::Receive(std::string& buffer) {
  std::array<char, 16384> bytes;
  const auto count = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : static_cast<int>(::recv(socket_, bytes.data(), bytes.size(), 0));
  if (count <= 0) {
    return false;
  }
  buffer.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

void FakeWire::Cut() {
  ::shutdown(socket_, SHUT_RDWR);
}

void FakeSmtpSession::Run() {
  if (options_.implicit_tls && !wire_.Handshake(hooks_.context)) {
    return;
  }
  std::string line;
  bool open = Answer("greeting", "220 fake ESMTP");
  while (open && ReadLine(line)) {
    hooks_.on_command(line);
    open = Serve(line);
  }
}

bool FakeSmtpSession::ReadLine(std::string& line) {
  std::size_t end;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (!wire_.Receive(buffer_)) {
      return false;
    }
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (line.empty() || line.back() != '\r' || line.find('\r') != line.size() - 1) {
    hooks_.on_fault("a bare CR or LF in a command: " + line);
  } else {
    line.pop_back();
  }
  return true;
}

bool FakeSmtpSession::ReadBody() {
  std::string text = "\r\n";  // the end of the DATA line counts for CRLF.CRLF
  text.swap(buffer_);
  buffer_ += text;
  std::size_t end;
  while ((end = buffer_.find("\r\n.\r\n")) == std::string::npos) {
    if (!wire_.Receive(buffer_)) {
      return false;
    }
  }
  message_.wire = buffer_.substr(2, end);
  buffer_.erase(0, end + 5);
  message_.data.clear();
  for (std::size_t i = 0; i < message_.wire.size(); ++i) {
    const char c = message_.wire[i];
    const char before = i == 0 ? '\n' : message_.wire[i - 1];
    if ((c == '\n' && before != '\r') || (before == '\r' && c != '\n')) {
      hooks_.on_fault("a bare CR or LF in a body");
    }
    if (c != '.' || before != '\n') {
      message_.data += c;
    } else if (i + 1 < message_.wire.size() && message_.wire[i + 1] == '.') {
      message_.data += message_.wire[++i];  // the stuffed dot
    }
  }
  return true;
}

bool FakeSmtpSession::Serve(const std::string& line) {
  if (!options_.pipelining && !buffer_.empty()) {
    hooks_.on_fault("pipelined without an offer, after: " + line);
  }
  if (Begins(line, "AUTH ")) {
    return Authenticate(line);
  }
  if (!Answer(line, UsualAnswer(line))) {
    return false;
  }
  const bool accepted = Begins(last_answer_, "2");
  if (Begins(line, "MAIL FROM:") && accepted) {
    in_mail_ = true;
    message_ = {};
    message_.mail_from = line.substr(10);
  } else if (Begins(line, "RCPT TO:") && accepted) {
    message_.rcpt_to.push_back(line.substr(8));
  } else if (Begins(line, "DATA") && Begins(last_answer_, "354")) {
    if (!ReadBody()) {
      return false;
    }
    in_mail_ = false;
    return Answer("body", message_.rcpt_to.empty() ? "554 5.5.1 no recipients" : "250 2.0.0 taken");
  } else if (Begins(line, "RSET")) {
    in_mail_ = false;
  } else if (Begins(line, "STARTTLS") && accepted) {
    return wire_.Handshake(hooks_.context);
  }
  return !Begins(line, "QUIT");
}

std::string FakeSmtpSession::UsualAnswer(const std::string& line) const {
  if (Begins(line, "EHLO")) {
    return Ehlo();
  }
  if (Begins(line, "STARTTLS")) {
    return options_.starttls && !wire_.tls() ? "220 2.0.0 go ahead" : "502 5.5.1 not offered";
  }
  if (Begins(line, "MAIL FROM:")) {
    const bool locked = !options_.auth.empty() && !authenticated_;
    return locked ? "530 5.7.0 log in first" : in_mail_ ? "503 5.5.1 nested MAIL" : "250 2.1.0 sender ok";
  }
  if (Begins(line, "RCPT TO:")) {
    return in_mail_ ? "250 2.1.5 recipient ok" : "503 5.5.1 MAIL first";
  }
  if (Begins(line, "DATA")) {
    return !in_mail_ ? "503 5.5.1 MAIL first" : message_.rcpt_to.empty() ? "554 5.5.1 no recipients" : "354 send it";
  }
  if (Begins(line, "QUIT")) {
    return "221 2.0.0 bye";
  }
  const bool known = Begins(line, "RSET") || Begins(line, "NOOP") || Begins(line, "HELO");
  return known ? "250 2.0.0 ok" : "500 5.5.2 unknown command";
}

std::string FakeSmtpSession::Ehlo() const {
  std::string answer = "250-fake";
  answer += options_.pipelining ? "\r\n250-PIPELINING" : "";
  answer += options_.smtputf8 ? "\r\n250-SMTPUTF8" : "";
  answer += options_.size > 0 ? "\r\n250-SIZE " + std::to_string(options_.size) : "";
  answer += options_.starttls && !wire_.tls() ? "\r\n250-STARTTLS" : "";
  answer += options_.auth.empty() ? "" : "\r\n250-AUTH PLAIN";
  return answer + "\r\n250 8BITMIME";
}

bool FakeSmtpSession::Authenticate(const std::string& line) {
  std::string response = line.size() > 11 ? line.substr(11) : "";
  if (response.empty() && (!wire_.Send("334 \r\n") || !ReadLine(response))) {
    return false;
  }
  const std::size_t colon = options_.auth.find(':');
  const std::string expected =
      std::string(1, '\0') + options_.auth.substr(0, colon) + std::string(1, '\0') + options_.auth.substr(colon + 1);
  authenticated_ = response == Base64(expected);
  return Answer("AUTH", authenticated_ ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password");
}

// False if the connection ends here.
bool FakeSmtpSession::Answer(const std::string& at, const std::string& usual) {
  const std::optional<Rule> rule = hooks_.rule_for(at);
  last_answer_ = rule && (!rule->answer.empty() || rule->then == Then::kDrop) ? rule->answer : usual;
  const Then then = rule ? rule->then : Then::kGoOn;
  if (then == Then::kHang) {
    last_answer_.clear();
    while (wire_.Receive(buffer_)) {
    }
    return false;
  }
  if (then == Then::kDrip) {
    std::string dripped = "250-";
    while (wire_.Send(dripped)) {
      dripped = "x";
    }
    last_answer_.clear();
    return false;
  }
  if (rule && !rule->after.empty() && !AwaitLine(rule->after)) {
    return false;
  }
  if (rule && rule->wait) {
    rule->wait();
  }
  if (at == "body" && Begins(last_answer_, "2")) {
    message_.tls = wire_.tls();
    hooks_.on_message(message_);  // before the answer, so that a client that has it finds the message kept
  }
  return (last_answer_.empty() || wire_.Send(last_answer_ + "\r\n")) && then != Then::kDrop;
}

bool FakeSmtpSession::AwaitLine(const std::string& beginning) {
  while (buffer_.rfind(beginning, 0) != 0 && buffer_.find("\n" + beginning) == std::string::npos) {
    if (!wire_.Receive(buffer_)) {
      return false;
    }
  }
  return true;
}

}  // namespace sealpost::tests
