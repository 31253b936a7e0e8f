// Messages that the limiter was asked about and that are not on disk yet. A repeat that is told to stand behind such a
// message waits here to learn what became of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace sealpost::submit {

// Thread safe; outlives its marks.
class InFlight {
 public:
  // One message on its way, until it goes out of scope.
  class Mark {
   public:
    Mark() = default;
    Mark(InFlight* owner, std::string id) : owner_(owner), id_(std::move(id)) {}
    Mark(Mark&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(std::move(other.id_)) {}
    Mark& operator=(Mark&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Mark() {
      if (owner_ != nullptr) owner_->Remove(id_);
    }

   private:
    InFlight* owner_ = nullptr;
    std::string id_;
  };

  Mark Add(const std::string& id);
  // True if it was on its way and has ended within `wait`; false if it is not here, or still is.
  bool AwaitEnd(const std::string& id, std::chrono::milliseconds wait);

 private:
  void Remove(const std::string& id);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<std::string> ids_;  // guarded by mutex_
};

}  // namespace sealpost::submit
