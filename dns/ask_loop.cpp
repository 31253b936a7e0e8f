#include "dns/ask_loop.h"

#include <signal.h>

#include <algorithm>

namespace sealpost::dns {
namespace {

// As many small datagrams as the usual receive buffer of a server holds (212,992 bytes): a larger burst is lost on the
// way and costs a try. Questions that are waited for longer than a first try do not count.
constexpr std::size_t kWindow = 256;
constexpr std::size_t kCarriers = 64;
constexpr std::chrono::milliseconds kTick{250};

AskState::Time Now() {
  return std::chrono::steady_clock::now();
}

Answer Stopped() {
  Answer answer;
  answer.detail = "the resolver is being stopped";
  return answer;
}

}  // namespace

AskLoop::AskLoop(CaresOptions options, OpenCarrier open) : options_(std::move(options)), open_(open) {
  thread_ = std::thread([this] { Run(); });
}

AskLoop::~AskLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  dock_.poller.Wake();
  thread_.join();
}

void AskLoop::Start(const Question& question, Deadline deadline, Done done) {
  AskState state(question, options_.servers, options_, deadline);
  std::unique_lock lock(mutex_);
  if (stopping_) {  // only an answer's callback can still ask
    lock.unlock();
    return done(Stopped());
  }
  inbox_.push_back({std::move(state), std::move(done)});
  lock.unlock();
  dock_.poller.Wake();
}

void AskLoop::Run() {
  // A server that closes its TCP connection must not end the program by SIGPIPE: c-ares writes without MSG_NOSIGNAL.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (TakeInbox()) {
    for (const Poller::Event& event : dock_.poller.Wait(NextDue())) {
      const auto owner = dock_.by_socket.find(event.fd);
      if (owner != dock_.by_socket.end()) owner->second->Process(event.fd, event.readable, event.writable);
    }
    Tick();
    Deliver();
    Expire();
  }
  EndAll();
}

// False if there is no more to do.
bool AskLoop::TakeInbox() {
  std::deque<Task> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(inbox_);
    if (stopping_) {
      for (Task& task : taken) tasks_.emplace(++last_serial_, std::move(task));
      return false;
    }
  }
  for (Task& task : taken) {
    const std::uint64_t serial = ++last_serial_;
    const auto placed = tasks_.emplace(serial, std::move(task)).first;
    Schedule(serial, placed->second);
    waiting_.push_back(serial);
  }
  Admit();
  return true;
}

void AskLoop::Admit() {
  while (under_way_ < kWindow && !waiting_.empty()) {
    const std::uint64_t serial = waiting_.front();
    waiting_.pop_front();
    const auto task = tasks_.find(serial);
    if (task == tasks_.end()) continue;  // its deadline came first
    task->second.counted = true;
    ++under_way_;
    Follow(serial, task->second.state.Begin(Now()));
  }
}

void AskLoop::Deliver() {
  // Sending may fail at once, which is heard too.
  while (!dock_.heard.empty()) {
    std::vector<Dock::Heard> heard;
    heard.swap(dock_.heard);
    for (const Dock::Heard& one : heard) {
      const auto task = tasks_.find(one.serial);
      if (task == tasks_.end()) continue;
      Follow(one.serial, task->second.state.Heard(one.attempt, one.reply, Now()));
    }
  }
}

void AskLoop::Expire() {
  const Time now = Now();
  while (!due_.empty() && due_.begin()->first <= now) {
    const std::uint64_t serial = due_.begin()->second;
    Task& task = tasks_.at(serial);
    Discount(task);
    Follow(serial, task.state.Expired(now));
  }
}

void AskLoop::Follow(std::uint64_t serial, AskState::Next next) {
  Task& task = tasks_.at(serial);
  if (next == AskState::Next::kDone) return End(serial);
  Schedule(serial, task);
  if (next == AskState::Next::kSend) {
    CarrierTo(task.state.server()).Send(serial, task.state.attempt(), task.state.query());
  }
}

void AskLoop::Schedule(std::uint64_t serial, Task& task) {
  due_.erase({task.due, serial});
  task.due = task.state.due();
  due_.insert({task.due, serial});
}

void AskLoop::Discount(Task& task) {
  if (task.counted) --under_way_;
  task.counted = false;
}

void AskLoop::End(std::uint64_t serial) {
  auto ended = tasks_.extract(serial);
  Task& task = ended.mapped();
  Discount(task);
  due_.erase({task.due, serial});
  task.done(task.state.answer());
}

void AskLoop::EndAll() {
  while (!tasks_.empty()) {
    const auto task = tasks_.extract(tasks_.begin());
    task.mapped().done(Stopped());
  }
}

Carrier& AskLoop::CarrierTo(const Server& server) {
  const std::pair key(server.ip, server.port);
  if (const auto found = carriers_.find(key); found != carriers_.end()) return *found->second;
  if (carriers_.size() >= kCarriers) std::erase_if(carriers_, [](const auto& entry) { return entry.second->idle(); });
  // c-ares keeps a try as long as the question is, so that a late answer is still one.
  return *carriers_.emplace(key, open_(server, options_.per_question, dock_)).first->second;
}

AskLoop::Time AskLoop::NextDue() const {
  const bool idle = std::ranges::all_of(carriers_, [](const auto& entry) { return entry.second->idle(); });
  const Time due = due_.empty() ? kNoDeadline : due_.begin()->first;
  if (!dock_.heard.empty()) return Time::min();
  return idle ? due : std::min(due, next_tick_);
}

void AskLoop::Tick() {
  const Time now = Now();
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  for (const auto& [server, carrier] : carriers_) {
    if (!carrier->idle()) carrier->Tick();
  }
}

}  // namespace sealpost::dns
