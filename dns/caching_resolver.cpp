#include "dns/caching_resolver.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

using Time = std::chrono::steady_clock::time_point;

struct Entry {
  std::optional<Answer> answer;  // none: on its way
  Time until = Time::max();
  std::size_t weight = 0;
  bool listed = true;  // false: the cache has let go of it, whoever waits has not
  std::condition_variable arrived;
};

std::string KeyOf(const Question& question) {
  std::string key = std::to_string(static_cast<unsigned>(question.type)) + (question.checking_disabled ? "+" : "-");
  for (const Server& server : question.servers) key += ToString(server) + ",";
  return key + " " + Lower(question.name);
}

// A message of 64 KiB may hold thousands of records that share one long name.
std::size_t WeightOf(const Answer& answer) {
  std::size_t weight = sizeof(Entry) + 2 * answer.bytes;
  for (const Record& record : answer.records) weight += sizeof(Record) + record.name.size();
  return weight;
}

}  // namespace

class CachingResolver::Cache : public std::enable_shared_from_this<Cache> {
 public:
  explicit Cache(CacheOptions options) : options_(std::move(options)) {}

  Answer Ask(CaresResolver& inner, const Question& question, Deadline deadline) {
    const std::shared_ptr<Entry> entry = Find(inner, question);
    const auto arrived = [&] { return entry->answer.has_value(); };
    std::unique_lock lock(mutex_);
    if (deadline == kNoDeadline) {
      entry->arrived.wait(lock, arrived);
    } else if (!entry->arrived.wait_until(lock, deadline, arrived)) {
      Answer late;
      late.detail = "the time for this question ran out";
      return late;
    }
    return *entry->answer;
  }

  // The entry that holds the answer or will; the question is started if nobody has.
  std::shared_ptr<Entry> Find(CaresResolver& inner, const Question& question) {
    const std::string key = KeyOf(question);
    const auto entry = std::make_shared<Entry>();
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = entries_.find(key); found != entries_.end()) {
        const Place& place = found->second;
        if (!place.entry->answer || place.entry->until > options_.now()) return place.entry;
        Drop(found);
      }
      order_.push_back(key);
      entries_.emplace(key, Place{entry, std::prev(order_.end())});
      Shrink();
    }
    // Without the lock: a name that cannot be asked for is answered before Start() returns. Without the deadline: who
    // asks next may have more time.
    inner.Start(question, kNoDeadline,
                [self = shared_from_this(), entry](Answer answer) { self->Keep(*entry, std::move(answer)); });
    return entry;
  }

  void Clear() {
    const std::lock_guard lock(mutex_);
    while (!entries_.empty()) Drop(entries_.begin());
  }

 private:
  struct Place {
    std::shared_ptr<Entry> entry;
    std::list<std::string>::iterator order;
  };
  using Entries = std::unordered_map<std::string, Place>;

  void Keep(Entry& entry, Answer answer) {
    const std::lock_guard lock(mutex_);
    const std::chrono::seconds ttl(answer.Told() ? answer.ttl : 0);
    // An answer of TTL 0 is kept for a run too: otherwise fetching it ahead would be for nothing.
    entry.until = options_.now() + std::min(std::max(ttl, options_.failure), options_.longest);
    if (entry.listed) {
      entry.weight = WeightOf(answer);
      weight_ += entry.weight;
    }
    entry.answer = std::move(answer);
    entry.arrived.notify_all();
    Shrink();
  }

  void Shrink() {
    while (!entries_.empty() && (entries_.size() > options_.entries || weight_ > options_.bytes)) {
      Drop(entries_.find(order_.front()));
    }
  }

  void Drop(Entries::iterator place) {
    Entry& entry = *place->second.entry;
    weight_ -= entry.weight;
    entry.listed = false;
    order_.erase(place->second.order);
    entries_.erase(place);
  }

  const CacheOptions options_;
  std::mutex mutex_;  // guards what follows, and all entries
  Entries entries_;
  std::list<std::string> order_;  // oldest first
  std::size_t weight_ = 0;
};

CachingResolver::CachingResolver(CaresResolver& inner, CacheOptions options)
    : inner_(inner), cache_(std::make_shared<Cache>(std::move(options))) {}

CachingResolver::~CachingResolver() = default;

Answer CachingResolver::Ask(const Question& question, Deadline deadline) {
  return cache_->Ask(inner_, question, deadline);
}

void CachingResolver::Prefetch(std::span<const Question> questions) {
  for (const Question& question : questions) cache_->Find(inner_, question);
}

void CachingResolver::Clear() {
  cache_->Clear();
}

}  // namespace sealpost::dns
