// Named values that expire, for the filling in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sealpost::ratelimit {

// Not thread safe. There is no cap: forgetting an active counter would silently hand out a new budget.
template <class Value>
class Shelf {
 public:
  // Null if it is not there. Valid until the next change.
  const Value* Find(std::string_view name) const {
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : &found->second.value;
  }

  // The value of that name, made if it is not there; it stays until `expires` (ms) at least.
  Value& Put(std::string_view name, std::int64_t expires) {
    auto found = items_.find(name);
    if (found == items_.end()) {
      found = items_.emplace(std::string(name), Item{}).first;
    } else {
      expiries_.erase(found->second.expiry);
    }
    found->second.expiry = expiries_.emplace(expires, &found->first);
    return found->second.value;
  }

  Value* Change(std::string_view name) {
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : &found->second.value;
  }

  void Erase(std::string_view name) {
    const auto found = items_.find(name);
    if (found == items_.end()) return;
    expiries_.erase(found->second.expiry);
    items_.erase(found);
  }

  void Forget(std::int64_t now) {
    while (!expiries_.empty() && expiries_.begin()->first <= now) Erase(*expiries_.begin()->second);
  }

  std::size_t size() const { return items_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  using Expiries = std::multimap<std::int64_t, const std::string*>;
  struct Item {
    Value value;
    Expiries::iterator expiry;
  };
  std::unordered_map<std::string, Item, Hash, std::equal_to<>> items_;
  Expiries expiries_;
};

}  // namespace sealpost::ratelimit
