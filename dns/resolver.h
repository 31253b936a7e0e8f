// Asking the DNS. What came of a question is a value: "there is none" and "could not be asked" are never the same.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/wire.h"

namespace sealpost::dns {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

// An address and port that a question is sent to, "192.0.2.53:53" or "[2001:db8::1]:53".
struct Server {
  Ip ip;
  std::uint16_t port = 53;

  bool operator==(const Server&) const = default;
};
// "HOST", "HOST:PORT", "[V6]:PORT" with HOST an IP address; otherwise a sentence.
std::expected<Server, std::string> ParseServer(std::string_view text);
std::string ToString(const Server& server);

struct Question {
  std::string name;  // see name.h
  Type type = Type::kTxt;
  bool checking_disabled = false;  // CD (RFC 4035 3.2.2): the answer even where its signatures are bogus
  // Exactly these, asked without recursion for what they know themselves: an alias that leads elsewhere ends as kNoData
  // with its target in `aliases`. Empty: the resolver's own.
  std::vector<Server> servers{};

  bool operator==(const Question&) const = default;
};

enum class Status {
  kAnswer,       // at least one record of the type
  kNoData,       // the name exists, not with this type (an empty answer, or a CNAME chain that ends without it)
  kNxDomain,     // the name does not exist (also: the end of its CNAME chain)
  kServfail,     // RCODE 2
  kRefused,      // RCODE 5
  kOtherRcode,   // any other, in `detail`
  kTimeout,      // nobody answered in time
  kUnreachable,  // no server could be reached: none configured, port closed, no route
  kMalformed,    // an answer that is not one, or a CNAME loop
  kBadName,      // not asked: the name cannot stand in a question
};
std::string_view StatusName(Status status);  // "NXDOMAIN", "no such record", "timeout", ...

struct Answer {
  Status status = Status::kTimeout;
  std::vector<Record> records;       // of the type asked, order and duplicates kept, at the end of the CNAME chain
  std::vector<std::string> aliases;  // targets of the CNAME chain in order; empty: asked name answers itself
  bool authenticated = false;        // AD: the resolver says it validated this (RFC 4035 3.2.3)
  bool over_tcp = false;             // the answer did not fit a datagram
  std::size_t bytes = 0;             // of the whole message
  std::uint32_t ttl = 0;             // seconds this holds: smallest of records and chain; negative answers by the SOA
  std::string server;                // who answered, empty if none did
  std::string detail;                // more about a failure, for people; no inner detail

  // True: the DNS said so. False: could not tell, and nothing about the domain follows from it.
  bool Told() const;
  // kNoData or kNxDomain, a "void lookup" of RFC 7208 4.6.4.
  bool Void() const;
};

// Implementations are safe to use from many threads at once.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // Blocks until the answer, the resolver's own limit per question, or the deadline (kTimeout).
  virtual Answer Ask(const Question& question, Deadline deadline) = 0;
  // These will be asked soon: a resolver that can keep answers starts now and does not wait.
  virtual void Prefetch(std::span<const Question> /*questions*/) {}
};

}  // namespace sealpost::dns
