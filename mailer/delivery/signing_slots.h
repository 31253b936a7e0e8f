// How many signatures are computed at once: about as many as cores, so that lanes that sign do not crowd out lanes
// that speak. A mutex and not std::counting_semaphore, which loses a wake-up in GCC 12.2 (libstdc++ PR 104928).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sealpost::delivery {

// Thread safe.
class SigningSlots {
 public:
  explicit SigningSlots(std::size_t slots) : free_(slots) {}

  // Waits for a slot and holds it as long as it lives.
  class Slot {
   public:
    explicit Slot(SigningSlots& slots) : slots_(slots) {
      std::unique_lock lock(slots_.mutex_);
      slots_.freed_.wait(lock, [&] { return slots_.free_ > 0; });
      --slots_.free_;
    }
    ~Slot() {
      {
        std::lock_guard lock(slots_.mutex_);
        ++slots_.free_;
      }
      slots_.freed_.notify_one();
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    SigningSlots& slots_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t free_;
};

}  // namespace sealpost::delivery
