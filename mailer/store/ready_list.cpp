#include "mailer/store/ready_list.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sealpost::store {

namespace {

// Longer waits are cut: sums with the steady clock must not overflow, and callers look again anyway.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);

// Equal times keep the order of the ids, which is that of their making.
struct DueEarlier {
  bool operator()(const model::Job& left, const model::Job& right) const {
    if (left.delivery.next_attempt_at != right.delivery.next_attempt_at) {
      return left.delivery.next_attempt_at < right.delivery.next_attempt_at;
    }
    return left.delivery.id < right.delivery.id;
  }
};

using Jobs = std::multiset<model::Job, DueEarlier>;
using Place = Jobs::const_iterator;

// Some of the jobs by a name in their delivery; those of one name in the order of their time.
template <std::string model::Delivery::* kName>
struct ByName {
  using is_transparent = void;
  bool operator()(Place left, Place right) const {
    const int order = (left->delivery.*kName).compare(right->delivery.*kName);
    return order != 0 ? order < 0 : DueEarlier()(*left, *right);
  }
  bool operator()(Place place, std::string_view name) const { return place->delivery.*kName < name; }
  bool operator()(std::string_view name, Place place) const { return name < place->delivery.*kName; }
};
template <std::string model::Delivery::* kName>
using Index = std::set<Place, ByName<kName>>;

bool IsHeld(const model::Job& job) {
  return !job.delivery.held_by.empty();
}

bool IsScheduled(const model::Job& job) {
  return job.delivery.state == model::DeliveryState::kScheduled;
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

  // Whether it is the one that is due first.
  bool Add(model::Job job) {
    Keep(job);
    const Place place = jobs.insert(std::move(job));
    if (IsHeld(*place)) held.insert(place);
    if (IsScheduled(*place)) scheduled.insert(place);
    return place == jobs.begin();
  }

  model::Job Remove(Place place) {
    if (IsHeld(*place)) held.erase(place);
    if (IsScheduled(*place)) scheduled.erase(place);
    model::Job job = std::move(jobs.extract(place).value());
    Release(job);
    return job;
  }

  std::optional<model::Job> TakeDue(const GoesWith& goes_with, std::vector<model::Job>& with_it) {
    if (jobs.empty() || jobs.begin()->delivery.next_attempt_at > clock.Now()) return std::nullopt;
    model::Job job = Remove(jobs.begin());
    if (!goes_with || !goes_with(job, job)) return job;
    auto [at, end] = held.equal_range(std::string_view(job.delivery.mailbox));
    while (at != end) {
      const Place other = *at++;
      if (goes_with(job, *other)) with_it.push_back(Remove(other));
    }
    return job;
  }

  std::vector<model::Job> TakeScheduled(std::string_view email_id) {
    std::vector<model::Job> taken;
    auto [at, end] = scheduled.equal_range(email_id);
    while (at != end) taken.push_back(Remove(*at++));
    return taken;
  }

  // Wakes one waiter to look at the front again. Whoever leaves Take passes the word on like this: it may have been
  // the only one that knew of the present front.
  void Tell() {
    ++generation;
    changed.notify_one();
  }

  std::chrono::steady_clock::time_point NextLook(std::chrono::steady_clock::time_point deadline) const {
    if (jobs.empty()) return deadline;
    const auto until_due =
        std::min<std::chrono::milliseconds>(jobs.begin()->delivery.next_attempt_at - clock.Now(), kLongestWait);
    return std::min(deadline, std::chrono::steady_clock::now() + until_due);
  }

  const base::Clock& clock;
  const std::size_t content_bytes;
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  Jobs jobs;
  Index<&model::Delivery::mailbox> held;
  Index<&model::Delivery::email_id> scheduled;
  std::unordered_map<const model::RawMessage*, std::size_t> holders;  // jobs here that share each kept content
  std::size_t used_bytes = 0;
  std::uint64_t generation = 0;
};

ReadyList::ReadyList(const base::Clock& clock, std::size_t content_bytes)
    : impl_(std::make_unique<Impl>(clock, content_bytes)) {}

ReadyList::~ReadyList() = default;

void ReadyList::Put(model::Job job) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->Add(std::move(job))) impl_->Tell();
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
      if (!impl_->jobs.empty()) impl_->Tell();
      return job;
    }
    impl_->changed.wait_until(lock, stop, impl_->NextLook(deadline),
                              [this, seen = impl_->generation] { return impl_->generation != seen; });
  }
}

std::vector<model::Job> ReadyList::TakeScheduled(std::string_view email_id) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->TakeScheduled(email_id);
}

std::size_t ReadyList::Size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->jobs.size();
}

void ReadyList::Wake() {
  const std::lock_guard lock(impl_->mutex);
  ++impl_->generation;
  impl_->changed.notify_all();
}

}  // namespace sealpost::store
