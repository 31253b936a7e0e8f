// A desk with jobs on it, and a courier between it and a fake server.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mailer/base/id.h"
#include "mailer/delivery/relay_courier.h"
#include "tests/support/fake_smtp_server.h"
#include "tests/support/manual_clock.h"

namespace sealpost::tests {

struct Concluded {
  model::Job job;
  delivery::Outcome outcome;
};

// Hands out what was put on it and keeps what comes back.
class FakeDesk final : public delivery::Desk {
 public:
  void Put(model::Job job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }
  std::optional<model::Job> Next(std::stop_token stop, std::chrono::milliseconds wait) override {
    std::unique_lock lock(mutex_);
    ++asking_;
    changed_.notify_all();
    const bool due = changed_.wait_for(lock, stop, wait, [&] { return !jobs_.empty(); });
    --asking_;
    changed_.notify_all();
    if (!due || stop.stop_requested()) {
      return std::nullopt;
    }
    model::Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++job.delivery.attempts;
    ++out_;
    return job;
  }
  void Done(model::Job job, delivery::Outcome outcome) override {
    std::lock_guard lock(mutex_);
    --out_;
    done_.push_back({std::move(job), std::move(outcome)});
    changed_.notify_all();
  }
  void GiveBack(model::Job job) override {
    std::lock_guard lock(mutex_);
    --out_;
    ++given_back_;
    --job.delivery.attempts;
    jobs_.push_front(std::move(job));
    changed_.notify_all();
  }

  // Waits until so many are concluded, and returns them.
  std::vector<Concluded> AwaitDone(std::size_t count) {
    REQUIRE(Await([&] { return done_.size() >= count; }));
    std::lock_guard lock(mutex_);
    return done_;
  }
  // Waits until so many lanes wait for a job.
  bool AwaitAsking(std::size_t count) {
    return Await([&] { return asking_ == count; });
  }
  std::size_t waiting() {
    std::lock_guard lock(mutex_);
    return jobs_.size();
  }
  std::size_t out() {
    std::lock_guard lock(mutex_);
    return out_;
  }
  std::size_t given_back() {
    std::lock_guard lock(mutex_);
    return given_back_;
  }
  std::vector<Concluded> done() {
    std::lock_guard lock(mutex_);
    return done_;
  }

 private:
  template <class Predicate>
  bool Await(Predicate predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), predicate);
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<model::Job> jobs_;
  std::vector<Concluded> done_;
  std::size_t out_ = 0, given_back_ = 0, asking_ = 0;
};

class NoKeys final : public dkim::Keyring {
 public:
  std::vector<std::shared_ptr<const dkim::Key>> KeysFor(std::string_view) const override { return {}; }
};

inline model::Job JobTo(const std::string& local) {
  auto content = std::make_shared<model::RawMessage>();
  content->bytes = "From: a@example.com\r\nSubject: to " + local + "\r\n\r\nHello\r\n";
  model::Job job;
  job.delivery.id = base::NewId(base::FromMillis(1'767'225'600'000));
  job.delivery.email_id = base::NewId(base::FromMillis(1'767'225'600'000));
  job.delivery.recipient = {local, "example.net"};
  job.from_domain = "example.com";
  job.content = std::move(content);
  return job;
}

inline delivery::RelayOptions OptionsFor(const FakeSmtpServer& server, std::size_t connections) {
  delivery::RelayOptions options;
  options.peer.host = "127.0.0.1";
  options.peer.port = server.port();
  options.peer.tls = net::TlsDemand::kNone;
  options.peer.helo = "client.example";
  options.connections = connections;
  options.idle = std::chrono::seconds(20);
  options.pauses = {.steps = {std::chrono::milliseconds(1)}};
  return options;
}

inline constexpr std::chrono::hours kEndless{24};

struct CourierBench {
  std::shared_ptr<void> network = net::InitNetwork();
  FakeDesk desk;
  NoKeys keyring;
  base::TokenSigner tokens{base::Secret("a master key of a test")};
  ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;

  std::unique_ptr<delivery::Courier> Start(delivery::RelayOptions options) {
    return delivery::MakeRelayCourier(
        std::move(options), desk, keyring, tokens,
        [](std::string_view domain) { return "bounce." + std::string(domain); }, clock, log, metrics);
  }
  bool Shows(const std::string& line) const { return metrics.Expose().find(line) != std::string::npos; }
};

}  // namespace sealpost::tests
