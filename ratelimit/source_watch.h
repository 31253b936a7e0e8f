// Whether the client_ip that requests bring can be believed: what the last 1,000 said that the rules over sources are
// for. Those rules ship in shadow mode, because a client_ip that is a proxy's would make strangers share a budget.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace sealpost::ratelimit {

struct SourceReport {
  std::size_t requests = 0;    // looked at, 1,000 at most
  std::size_t given = 0;       // of them: came with an IP address
  std::size_t unreadable = 0;  // came with something else and were refused
  std::size_t internal = 0;    // of those given: private, link-local, shared or loopback addresses
  std::size_t distinct = 0;    // IPv4 addresses and IPv6 /64
  std::size_t commonest = 0;   // requests of the one that came most often
};

struct SourceVerdict {
  bool sane = false;
  std::string sentence;  // for the operator: what is wrong, or that the rules may be enforced
};

// Pure. `enforced`: the rules over sources are.
SourceVerdict Judge(const SourceReport& report, bool enforced);

// Thread safe. Of an address a hash is kept, with a seed that is gone with the process.
class SourceWatch {
 public:
  SourceWatch();
  // A request in the anonymous lane; empty: it brought no address.
  void Note(std::string_view client_ip);
  SourceReport Report() const;

 private:
  static constexpr std::size_t kLast = 1'000;
  enum class Kind : std::uint8_t { kNone, kUnreadable, kInternal, kPublic };
  struct Seen {
    std::uint64_t hash = 0;
    Kind kind = Kind::kNone;
  };

  const std::string seed_;
  mutable std::mutex mutex_;
  // Guarded by the mutex.
  std::array<Seen, kLast> seen_;
  std::size_t count_ = 0;
};

}  // namespace sealpost::ratelimit
