// A scripted SMTP server on 127.0.0.1 that judges its client: it answers by rules, keeps every command and message,
// and notes what a client must not do. Sockets and OpenSSL directly; it shares no code with the product.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace sealpost::tests {

enum class Then {
  kGoOn,  // as if the answer were its own
  kDrop,  // close after the answer (an empty one: without a word)
  kHang,  // say nothing more until the client goes
  kDrip,  // the answer's bytes one by one, for ever, never a whole line
};

// What to do at a point of the dialogue. The first rule that matches and is not used up applies.
struct Rule {
  // "greeting", "body" (the final dot), or the beginning of a command line: "RCPT TO:<bad@".
  std::string at;
  std::string answer;  // without the last CRLF; may hold several lines, also of other replies; empty: the usual one
  Then then = Then::kGoOn;
  int times = -1;  // -1: always
  // Answers only once the client has sent a line that begins with this: what was pipelined shows, what was not hangs.
  std::string after = {};
  // Called before the answer goes out, to hold it back until the test lets go.
  std::function<void()> wait = {};
};

struct FakeSmtpOptions {
  bool pipelining = true;
  bool smtputf8 = false;
  std::size_t size = 0;  // SIZE limit offered; 0: none
  bool starttls = false;
  bool implicit_tls = false;
  std::string auth = {};  // "user:password" offers AUTH and demands it before MAIL
  std::string certificate_names = "DNS:localhost,IP:127.0.0.1";
  int certificate_days = 1;
  int max_tls = 0;  // OpenSSL's number; 0: the newest
};

struct CaughtMessage {
  std::size_t connection = 0;  // index in order of arrival
  bool tls = false;
  std::string mail_from;  // the whole argument of MAIL, from "<" on
  std::vector<std::string> rcpt_to;
  std::string data;  // unstuffed
  std::string wire;  // as it came, dots stuffed, without the final dot
};

// Thread safe. The destructor cuts all connections and joins.
class FakeSmtpServer {
 public:
  explicit FakeSmtpServer(FakeSmtpOptions options = {}, std::vector<Rule> rules = {});
  ~FakeSmtpServer();

  int port() const;
  const std::string& certificate_pem() const;
  void Add(Rule rule);

  std::size_t connections() const;                                    // accepted so far
  std::size_t peak_connections() const;                               // open at once
  std::size_t Commands(const std::string& verb) const;                // lines that begin with it, of all connections
  std::vector<std::string> Transcript(std::size_t connection) const;  // its command lines
  std::vector<CaughtMessage> messages() const;                        // those that were answered 2xx
  std::vector<std::string> faults() const;  // bare CR or LF, pipelining that was not offered, ...

  // True as soon as `test` holds; looked at whenever something happens. False after 20 s.
  bool Await(const std::function<bool(const FakeSmtpServer&)>& test) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::tests
