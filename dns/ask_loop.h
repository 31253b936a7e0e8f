// The thread on which questions are under way. What carries the datagrams is given to it, so that it knows no library.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dns/ask_state.h"
#include "dns/cares_resolver.h"
#include "dns/poller.h"
#include "dns/query.h"

namespace sealpost::dns {

class Carrier;

// What a carrier works with; it lives longer than the carriers.
struct Dock {
  struct Heard {
    std::uint64_t serial;
    unsigned attempt;
    Reply reply;
  };
  Poller poller;
  std::unordered_map<int, Carrier*> by_socket;  // whose socket this is
  std::vector<Heard> heard;                     // put here at any time, read between two events
};

// Carries questions to one server. Every question sent is heard of once, at last when `patience` is over. Used on the
// loop's thread only.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual void Send(std::uint64_t serial, unsigned attempt, const Query& query) = 0;
  virtual void Process(int socket, bool readable, bool writable) = 0;
  virtual void Tick() = 0;  // a few times a second while not idle: gives up what is beyond patience
  virtual bool idle() const = 0;
};
using OpenCarrier = std::unique_ptr<Carrier> (*)(const Server& server, std::chrono::milliseconds patience, Dock& dock);

// Start() from any thread. The destructor ends what is open as kTimeout.
class AskLoop {
 public:
  using Done = CaresResolver::Done;

  AskLoop(CaresOptions options, OpenCarrier open);
  ~AskLoop();
  AskLoop(const AskLoop&) = delete;
  AskLoop& operator=(const AskLoop&) = delete;

  void Start(const Question& question, Deadline deadline, Done done);
  const std::vector<Server>& servers() const { return options_.servers; }

 private:
  using Time = AskState::Time;
  struct Task {
    AskState state;
    Done done;
    Time due{};            // as it stands in due_
    bool counted = false;  // in under_way_
  };

  void Run();
  bool TakeInbox();
  void Admit();
  void Deliver();
  void Expire();
  void Tick();
  Time NextDue() const;
  void Follow(std::uint64_t serial, AskState::Next next);
  void Schedule(std::uint64_t serial, Task& task);
  void Discount(Task& task);
  void End(std::uint64_t serial);
  void EndAll();
  Carrier& CarrierTo(const Server& server);

  CaresOptions options_;
  OpenCarrier open_;
  Dock dock_;

  std::mutex mutex_;  // guards the next two
  std::deque<Task> inbox_;
  bool stopping_ = false;

  // The thread's own.
  std::unordered_map<std::uint64_t, Task> tasks_;
  std::uint64_t last_serial_ = 0;
  std::deque<std::uint64_t> waiting_;
  std::size_t under_way_ = 0;
  std::set<std::pair<Time, std::uint64_t>> due_;
  std::map<std::pair<Ip, std::uint16_t>, std::unique_ptr<Carrier>> carriers_;
  Time next_tick_{};

  std::thread thread_;
};

}  // namespace sealpost::dns
