#include "mailer/store/ready_list.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sealpost::store {

namespace {

// Longer waits are cut: sums with the steady clock must not overflow, and callers look again anyway.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);

// For a heap whose front is the job due first; equal times keep the order of the ids, which is that of their making.
bool DueLater(const model::Job& left, const model::Job& right) {
  if (left.delivery.next_attempt_at != right.delivery.next_attempt_at) {
    return left.delivery.next_attempt_at > right.delivery.next_attempt_at;
  }
  return left.delivery.id > right.delivery.id;
}

}  // namespace

struct ReadyList::Impl {
  Impl(const base::Clock& used_clock, std::size_t bytes) : clock(used_clock), content_bytes(bytes) {}

  // The deliveries of one message share its content, so it is counted once.
  void Keep(model::Job& job) {
    if (!job.content) return;
    const auto known = holders.find(job.content.get());
    if (known != holders.end()) {
      ++known->second;
      return;
    }
    const std::size_t size = job.content->bytes.size();
    if (size > content_bytes - used_bytes) {
      job.content = nullptr;
      return;
    }
    used_bytes += size;
    holders.emplace(job.content.get(), 1);
  }

  void Release(const model::Job& job) {
    if (!job.content) return;
    const auto known = holders.find(job.content.get());
    if (--known->second > 0) return;
    used_bytes -= job.content->bytes.size();
    holders.erase(known);
  }

  std::optional<model::Job> TakeDue() {
    if (heap.empty() || heap.front().delivery.next_attempt_at > clock.Now()) return std::nullopt;
    std::pop_heap(heap.begin(), heap.end(), DueLater);
    model::Job job = std::move(heap.back());
    heap.pop_back();
    Release(job);
    return job;
  }

  // std::make_heap moves every job, in order or not: with half a million of them that is a tenth of a second.
  void SiftDown(std::size_t at) {
    for (std::size_t next = 2 * at + 1; next < heap.size(); at = next, next = 2 * at + 1) {
      if (next + 1 < heap.size() && DueLater(heap[next], heap[next + 1])) ++next;
      if (!DueLater(heap[at], heap[next])) return;
      std::swap(heap[at], heap[next]);
    }
  }

  std::vector<model::Job> TakeOut(const std::function<bool(const model::Job&)>& wanted) {
    std::vector<model::Job> taken;
    const auto first = std::partition(heap.begin(), heap.end(), [&](const model::Job& job) { return !wanted(job); });
    if (first == heap.end()) return taken;  // and nothing was moved
    std::move(first, heap.end(), std::back_inserter(taken));
    heap.erase(first, heap.end());
    for (std::size_t at = heap.size() / 2; at-- > 0;) SiftDown(at);
    for (const model::Job& job : taken) Release(job);
    std::ranges::sort(taken, [](const model::Job& left, const model::Job& right) { return DueLater(right, left); });
    return taken;
  }

  std::optional<model::Job> TakeDue(const GoesWith& goes_with, std::vector<model::Job>& with_it) {
    auto job = TakeDue();
    if (!job || !goes_with || !goes_with(*job, *job)) return job;
    std::ranges::move(TakeOut([&](const model::Job& other) { return goes_with(*job, other); }),
                      std::back_inserter(with_it));
    return job;
  }

  // Wakes one waiter to look at the front again. Whoever leaves Take passes the word on like this: it may have been
  // the only one that knew of the present front.
  void Tell() {
    ++generation;
    changed.notify_one();
  }

  std::chrono::steady_clock::time_point NextLook(std::chrono::steady_clock::time_point deadline) const {
    if (heap.empty()) return deadline;
    const auto until_due =
        std::min<std::chrono::milliseconds>(heap.front().delivery.next_attempt_at - clock.Now(), kLongestWait);
    return std::min(deadline, std::chrono::steady_clock::now() + until_due);
  }

  const base::Clock& clock;
  const std::size_t content_bytes;
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<model::Job> heap;
  std::unordered_map<const model::RawMessage*, std::size_t> holders;  // jobs here that share each kept content
  std::size_t used_bytes = 0;
  std::uint64_t generation = 0;
};

ReadyList::ReadyList(const base::Clock& clock, std::size_t content_bytes)
    : impl_(std::make_unique<Impl>(clock, content_bytes)) {}

ReadyList::~ReadyList() = default;

void ReadyList::Put(model::Job job) {
  const std::lock_guard lock(impl_->mutex);
  impl_->Keep(job);
  const bool first = impl_->heap.empty() || DueLater(impl_->heap.front(), job);
  impl_->heap.push_back(std::move(job));
  std::push_heap(impl_->heap.begin(), impl_->heap.end(), DueLater);
  if (first) impl_->Tell();
}

std::optional<model::Job> ReadyList::Take(std::stop_token stop, std::chrono::milliseconds wait) {
  std::vector<model::Job> nothing;
  return Take(std::move(stop), wait, {}, nothing);
}

std::optional<model::Job> ReadyList::Take(std::stop_token stop, std::chrono::milliseconds wait,
                                          const GoesWith& goes_with, std::vector<model::Job>& with_it) {
  const auto deadline = std::chrono::steady_clock::now() + std::clamp(wait, std::chrono::milliseconds(0), kLongestWait);
  std::unique_lock lock(impl_->mutex);
  while (true) {
    const bool stopped = stop.stop_requested();
    auto job = stopped ? std::nullopt : impl_->TakeDue(goes_with, with_it);
    if (job || stopped || std::chrono::steady_clock::now() >= deadline) {
      if (!impl_->heap.empty()) impl_->Tell();
      return job;
    }
    impl_->changed.wait_until(lock, stop, impl_->NextLook(deadline),
                              [this, seen = impl_->generation] { return impl_->generation != seen; });
  }
}

std::optional<model::Job> ReadyList::TryTake() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->TakeDue();
}

std::optional<model::Job> ReadyList::TryTake(const GoesWith& goes_with, std::vector<model::Job>& with_it) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->TakeDue(goes_with, with_it);
}

std::vector<model::Job> ReadyList::TakeOut(const std::function<bool(const model::Job&)>& wanted) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->TakeOut(wanted);
}

std::size_t ReadyList::Size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->heap.size();
}

void ReadyList::Wake() {
  const std::lock_guard lock(impl_->mutex);
  ++impl_->generation;
  impl_->changed.notify_all();
}

}  // namespace sealpost::store
