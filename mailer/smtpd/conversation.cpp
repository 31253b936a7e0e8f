#include "mailer/smtpd/conversation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "mailer/smtpd/body_reader.h"

namespace sealpost::smtpd {
namespace {

// RFC 5321 4.5.3.1.4 asks for 512 octets and more for extensions; a 254-octet mailbox in UTF-8 with all parameters
// fits.
constexpr std::size_t kLineOctets = 2048;
constexpr int kMostFaults = 20;
// A body may take this many idle times in all, so that a byte now and then does not hold a connection for ever.
constexpr int kBodyPatience = 12;
constexpr std::chrono::milliseconds kWriteTime{30'000};
constexpr std::size_t kHelloOctets = 255;

Deadline In(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

bool IsHttpMethod(std::string_view verb) {
  static constexpr std::array<std::string_view, 8> kMethods = {"GET",    "POST",    "PUT",     "HEAD",
                                                               "DELETE", "OPTIONS", "CONNECT", "PATCH"};
  return std::ranges::find(kMethods, verb) != kMethods.end();
}

std::optional<std::size_t> ParseSize(std::string_view text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  // A number beyond every counter is a size all the same, and too large.
  return error == std::errc::result_out_of_range ? SIZE_MAX : size;
}

bool IsHelloName(std::string_view name) {
  return !name.empty() && name.size() <= kHelloOctets &&
         std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace

Conversation::Conversation(Stream& stream, const Options& options, const TlsContext* tls, Handler& handler,
                           std::string peer)
    : stream_(stream), options_(options), tls_(tls), handler_(handler), input_(kLineOctets) {
  session_.peer = std::move(peer);
}

void Conversation::Run() {
  Reply(220, options_.name + " ESMTP Sealpost");
  while (open_) {
    const std::optional<std::string> line = NextLine();
    if (!line) break;
    Execute(*line);
  }
  Flush();
}

void Conversation::Execute(std::string_view line) {
  const Command command = ParseCommand(line);
  const std::string& verb = command.verb;
  if (verb == "EHLO" || verb == "HELO") return Hello(command);
  if (verb == "MAIL") return Mail(command);
  if (verb == "RCPT") return Recipient(command);
  if (verb == "DATA") return Data(command);
  if (verb == "STARTTLS") return StartTls(command);
  if (verb == "RSET") {
    Reset();
    return Reply(250, "2.0.0 Ok");
  }
  if (verb == "NOOP") return Reply(250, "2.0.0 Ok");
  if (verb == "QUIT") return Close(221, "2.0.0 Bye");
  if (verb == "VRFY") return Reply(252, "2.5.2 Send some mail, I will try");
  if (verb == "HELP") return Reply(214, "2.0.0 RFC 5321");
  if (verb == "EXPN" || verb == "AUTH" || verb == "BDAT") return Fault(502, "5.5.1 " + verb + " is not served here");
  if (IsHttpMethod(verb)) return Close(421, "4.7.0 This port speaks SMTP, not HTTP");
  Fault(500, "5.5.2 Command not recognized");
}

void Conversation::Hello(const Command& command) {
  if (!IsHelloName(command.argument)) return Fault(501, "5.5.4 " + command.verb + " needs the client's name");
  Reset();
  session_.helo = command.argument;
  if (command.verb == "HELO") return Reply(250, options_.name);
  const bool starttls = tls_ && stream_.tls().empty();
  output_ += "250-" + options_.name + "\r\n250-PIPELINING\r\n250-SIZE " + std::to_string(options_.message_bytes) +
             "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n" + (starttls ? "250-STARTTLS\r\n" : "") +
             "250 ENHANCEDSTATUSCODES\r\n";
}

void Conversation::StartTls(const Command& command) {
  if (!tls_) return Fault(502, "5.5.1 STARTTLS is not served here");
  if (!stream_.tls().empty()) return Fault(503, "5.5.1 TLS is on already");
  if (!command.argument.empty()) return Fault(501, "5.5.4 STARTTLS takes no parameter");
  // What stands behind STARTTLS in plaintext could have been put there by anyone on the way.
  if (!input_.Rest().empty()) return Close(501, "5.5.4 STARTTLS ends its group: wait for the answer");
  Reply(220, "2.0.0 Ready to start TLS");
  Flush();
  if (!open_) return;
  if (!stream_.StartTls(*tls_, In(options_.idle))) {
    open_ = false;
    return;
  }
  // RFC 3207 4.2: what was learned before is forgotten.
  Reset();
  session_.helo.clear();
  session_.tls = stream_.tls();
}

void Conversation::Mail(const Command& command) {
  if (session_.helo.empty()) return Fault(503, "5.5.1 EHLO or HELO first");
  if (has_sender_) return Fault(503, "5.5.1 A transaction is open: RSET or DATA first");
  const std::optional<Path> path = ParsePath(command.argument, "FROM:");
  if (!path) return Fault(501, "5.5.4 Syntax: MAIL FROM:<address>");
  if (!path->address.empty() && !IsMailbox(path->address)) return Fault(501, "5.1.7 Bad sender address syntax");
  if (const std::optional<Answer> refusal = RefuseParameters(*path)) return Reply(*refusal);
  const auto is_smtputf8 = [](const auto& parameter) { return parameter.first == "SMTPUTF8"; };
  smtputf8_ = std::ranges::any_of(path->parameters, is_smtputf8);
  if (!smtputf8_ && !IsAscii(path->address)) return Reply(550, "5.6.7 This address needs SMTPUTF8");

  session_.mail_from = path->address;
  const Answer answer = handler_.OnMail(session_);
  has_sender_ = answer.code / 100 == 2;
  if (!has_sender_) session_.mail_from.clear();
  Reply(answer);
}

std::optional<Answer> Conversation::RefuseParameters(const Path& path) const {
  for (const auto& [keyword, value] : path.parameters) {
    if (keyword == "SIZE") {
      const std::optional<std::size_t> size = ParseSize(value);
      if (!size) return Answer{501, "5.5.4 SIZE needs a number"};
      if (*size > options_.message_bytes) {
        return Answer{552, "5.3.4 Messages above " + std::to_string(options_.message_bytes) + " bytes are refused"};
      }
    } else if (keyword == "BODY") {
      const std::string body = Lower(value);
      if (body != "7bit" && body != "8bitmime") return Answer{501, "5.5.4 BODY is 7BIT or 8BITMIME"};
    } else if (keyword != "SMTPUTF8" || !value.empty()) {
      return Answer{555, "5.5.4 Unknown parameter of MAIL"};
    }
  }
  return std::nullopt;
}

void Conversation::Recipient(const Command& command) {
  if (!has_sender_) return Fault(503, "5.5.1 MAIL first");
  const std::optional<Path> path = ParsePath(command.argument, "TO:");
  if (!path) return Fault(501, "5.5.4 Syntax: RCPT TO:<address>");
  if (!path->parameters.empty()) return Reply(555, "5.5.4 Unknown parameter of RCPT");
  // RFC 5321 4.5.1: the one address that needs no domain.
  const bool postmaster = Lower(path->address) == "postmaster";
  if (!postmaster && !IsMailbox(path->address)) return Fault(501, "5.1.3 Bad recipient address syntax");
  if (!smtputf8_ && !IsAscii(path->address)) return Reply(553, "5.6.7 This address needs SMTPUTF8");
  if (session_.recipients.size() >= options_.recipients) return Reply(452, "4.5.3 Too many recipients");

  const Answer answer = handler_.OnRecipient(session_, path->address);
  if (answer.code / 100 == 2) session_.recipients.push_back(path->address);
  Reply(answer);
}

void Conversation::Data(const Command& command) {
  if (!command.argument.empty()) return Fault(501, "5.5.4 DATA takes no parameter");
  if (!has_sender_) return Fault(503, "5.5.1 MAIL first");
  // A pipelining client whose recipients were all refused comes here in good faith (RFC 2920 3.1).
  if (session_.recipients.empty()) return Reply(554, "5.5.1 No valid recipients");
  const Answer answer = handler_.OnData(session_);
  if (answer.code != 354) return Reply(answer);
  Reply(answer);
  ReceiveBody();
  Reset();
}

void Conversation::ReceiveBody() {
  BodyReader body(options_.message_bytes);
  const Deadline end = In(options_.idle * kBodyPatience);
  input_.Skip(body.Feed(input_.Rest()));
  std::string bytes;
  while (!body.done()) {
    if (!Receive(bytes, std::min(end, In(options_.idle)))) return;
    const std::size_t used = body.Feed(bytes);
    if (body.done()) input_.Feed(std::string_view(bytes).substr(used));
    if (body.received() / 2 > options_.message_bytes) return Close(552, "5.3.4 Message far too large");
  }
  if (body.bare_line_end()) return Reply(550, "5.5.2 Bare CR or LF refused: lines end in CRLF");
  if (body.too_large()) return Reply(552, "5.3.4 Message too large");
  faults_ = 0;
  Reply(handler_.OnMessage(session_, body.Take()));
}

void Conversation::Reset() {
  has_sender_ = false;
  smtputf8_ = false;
  session_.mail_from.clear();
  session_.recipients.clear();
}

void Conversation::Reply(int code, std::string_view text) {
  output_ += std::to_string(code) + " ";
  // A reply is one line whatever text a handler was given.
  for (const char c : text) output_ += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  output_ += "\r\n";
  // RFC 5321 3.8: 421 announces that the server closes.
  if (code == 421) open_ = false;
}

void Conversation::Fault(int code, std::string_view text) {
  Reply(code, text);
  if (++faults_ >= kMostFaults) Close(421, "4.7.0 Too many errors");
}

void Conversation::Close(int code, std::string_view text) {
  Reply(code, text);
  open_ = false;
}

std::optional<std::string> Conversation::NextLine() {
  const Deadline deadline = In(options_.idle);
  std::string line, bytes;
  for (;;) {
    switch (input_.Next(line)) {
      case LineReader::Found::kLine:
        return line;
      case LineReader::Found::kMore:
        if (!Receive(bytes, deadline)) return std::nullopt;
        input_.Feed(bytes);
        break;
      case LineReader::Found::kTooLong:
        Fault(500, "5.5.6 Line too long");
        if (!open_) return std::nullopt;
        break;
      case LineReader::Found::kBareLineEnd:
        Close(500, "5.5.2 Bare CR or LF refused: lines end in CRLF");
        return std::nullopt;
    }
  }
}

bool Conversation::Receive(std::string& bytes, Deadline deadline) {
  Flush();
  if (!open_) return false;
  switch (stream_.Read(bytes, deadline)) {
    case Io::kOk:
      return true;
    case Io::kTimeout:
      Close(421, "4.4.2 Idle for too long");
      return false;
    case Io::kClosed:
      // Reaches the client when it is us who stop.
      Close(421, "4.3.2 Closing");
      return false;
  }
  return false;
}

void Conversation::Flush() {
  if (output_.empty()) return;
  const Io io = stream_.Write(output_, In(kWriteTime));
  output_.clear();
  if (io != Io::kOk) open_ = false;
}

}  // namespace sealpost::smtpd
