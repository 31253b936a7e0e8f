// A value and its mutex as one object: the value is reachable only while the lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace sealpost::base {

template <class T>
class Guarded {
 public:
  class Holder {
   public:
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }
    // For condition variables, which need the lock itself.
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    friend class Guarded;
    Holder(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  Holder Lock() { return Holder(mutex_, value_); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace sealpost::base
