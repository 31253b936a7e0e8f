#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "tests/scenarios/production.h"
#include "tests/support/fake_smtp_server.h"

using namespace sealpost::scenarios;
using tests::FakeSmtpServer;

namespace {

constexpr std::size_t kMessages = 200;

std::string Setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

// The recipients whose message was answered with 200. Thread safe.
class Accepted {
 public:
  void Add(const std::string& recipient) {
    const std::lock_guard lock(mutex_);
    recipients_.insert(recipient);
  }
  std::size_t Size() const {
    const std::lock_guard lock(mutex_);
    return recipients_.size();
  }
  std::set<std::string> All() const {
    const std::lock_guard lock(mutex_);
    return recipients_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> recipients_;
};

// Sends until enough are accepted or the service is gone.
void SendUntil(std::uint16_t port, const std::string& key, const std::string& prefix, Accepted& accepted) {
  const HttpHeaders headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
  try {
    tests::HttpClient client(port);
    for (int i = 0; accepted.Size() < kMessages; ++i) {
      const std::string recipient = prefix + std::to_string(i) + "@example.com";
      if (client.Post("/emails", headers, Message(recipient)).status == 200) accepted.Add(recipient);
    }
  } catch (const std::runtime_error&) {
    // No answer: whether it was accepted is not known, so nothing was promised.
  }
}

class Senders {
 public:
  Senders(const Sealpost& service, const std::string& key, const std::string& name, Accepted& accepted) {
    for (int i = 0; i < 3; ++i) {
      const std::string prefix = name + std::to_string(i) + "-";
      threads_.emplace_back(
          [port = service.port(), key, prefix, &accepted] { SendUntil(port, key, prefix, accepted); });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

std::set<std::string> Reached(const FakeSmtpServer& sink) {
  std::set<std::string> reached;
  for (const auto& message : sink.messages()) {
    const std::string& path = message.rcpt_to.at(0);
    reached.insert(path.substr(1, path.find('>') - 1));
  }
  return reached;
}

// A crash between the final dot and our record sends again, and mail programs recognise the copy by its Message-ID.
bool CopiesAreCopies(const FakeSmtpServer& sink) {
  std::map<std::string, std::string> ids;
  const auto messages = sink.messages();
  return std::all_of(messages.begin(), messages.end(), [&](const auto& message) {
    const std::string id = HeaderOf(message.data, "Message-ID");
    return !id.empty() && ids.emplace(message.rcpt_to.at(0), id).first->second == id;
  });
}

void KillOnce(unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random(seed);
  FakeSmtpServer sink;
  // Some are delayed, so that the crash finds mail in every state.
  sink.Add({.at = "RCPT", .answer = "451 4.7.1 later", .times = 40});
  Production production(sink.port());
  const std::string key = production.CreateKey();
  Accepted accepted;
  {
    Sealpost service = production.Start();
    const Senders senders(service, key, "before", accepted);
    const std::size_t moment = random() % kMessages;
    REQUIRE(WaitFor([&] { return accepted.Size() > moment; }));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));  // not for anything: a random moment
    service.Kill();
  }
  Sealpost service = production.Start();
  {
    const Senders senders(service, key, "after", accepted);
  }
  const std::set<std::string> promised = accepted.All();
  CHECK(promised.size() >= kMessages);
  const bool all_reached = WaitFor(
      [&] {
        const auto reached = Reached(sink);
        return std::includes(reached.begin(), reached.end(), promised.begin(), promised.end());
      },
      std::chrono::seconds(60));
  CHECK(all_reached);
  CHECK(CopiesAreCopies(sink));
  CHECK(sink.faults().empty());
  CHECK(service.Stop() == 0);
}

}  // namespace

TEST_CASE("kill -9 at a random moment loses no message that was accepted") {
  // Two rounds tell a broken build; the long run has the ten that are promised.
  const int rounds = Setting("SEALPOST_LONG") == "1" ? 10 : 2;
  const std::string seed = Setting("SEALPOST_SEED");
  std::random_device entropy;
  for (int round = 0; round < rounds; ++round)
    KillOnce(seed.empty() ? entropy() : static_cast<unsigned>(std::stoul(seed)));
}
