// Who is connected, and how much memory their bodies hold. Both thread safe; entries and leases must not outlive them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sealpost::http {

// Counts connections per client, and keeps a hand on every socket for the time of stopping.
class Census {
 public:
  class Entry {
   public:
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    // True while the connection waits for a next request; such a connection may be closed without loss.
    void SetIdle(bool idle) { idle_ = idle; }

   private:
    friend class Census;
    Entry(Census& census, int socket, std::string key) : census_(census), socket_(socket), key_(std::move(key)) {}
    Census& census_;
    int socket_;
    std::string key_;
    std::atomic<bool> idle_ = false;
    std::list<Entry*>::iterator place_;
  };

  // The entry lives as long as the connection and goes before the socket is closed. Nothing if `key` has `limit`
  // connections already; an empty key is not counted.
  std::unique_ptr<Entry> Enter(int socket, const std::string& key, std::size_t limit);
  // Ends the idle ones, or all: their threads see the end of the stream.
  void Shutdown(bool only_idle);
  // False if somebody is still there at the deadline.
  bool WaitEmpty(std::chrono::steady_clock::time_point deadline);

 private:
  std::mutex mutex_;
  std::condition_variable emptied_;
  std::list<Entry*> entries_;
  std::map<std::string, std::size_t> counts_;
};

// The memory that all bodies together may take while they are read and served.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes) : left_(static_cast<std::ptrdiff_t>(bytes)) {}

  class Lease {
   public:
    explicit Lease(BodyBudget& budget) : budget_(budget) {}
    ~Lease() { budget_.left_ += held_; }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    // Holds `bytes` in all. False if the budget has no room for them.
    bool GrowTo(std::size_t bytes);

   private:
    BodyBudget& budget_;
    std::ptrdiff_t held_ = 0;
  };

 private:
  std::atomic<std::ptrdiff_t> left_;
};

}  // namespace sealpost::http
