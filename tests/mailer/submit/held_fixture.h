// The send path with notifications over their limit, and digests over it; the test is the queue.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mailer/submit/digest.h"
#include "tests/mailer/submit/fixture.h"

namespace sealpost::submit::tests {

// Six notifications a minute go to a mailbox; what comes then is held.
struct HeldDesk : Fixture {
  SendRequest Notification(const std::string& subject, const std::string& to = "ann@example.org") {
    SendRequest request = Plain();
    request.to = {to};
    request.subject = subject;
    request.category = "notification";
    request.category_is_member = true;
    return request;
  }
  void Fill(const std::string& to = "ann@example.org") {
    for (int i = 0; i < 6; ++i) Accept(Notification("Filling " + std::to_string(i), to));
    queue.jobs.clear();
  }
  std::string Hold(const SendRequest& request) {
    const auto outcome = Submit(request);
    REQUIRE(outcome);
    REQUIRE(outcome->fates.at(0) == Fate::kHeld);
    clock.Advance(std::chrono::milliseconds(1));
    return outcome->ids.at(0);
  }
  // The jobs that wait, when all of them are due.
  std::vector<model::Job> Due() {
    clock.Advance(std::chrono::hours(1));
    return std::exchange(queue.jobs, {});
  }
  // How many notifications the mailbox is charged for.
  std::size_t Charged(const std::string& mailbox = "ann@example.org") {
    return limiter->Explain({.mailbox = mailbox}).sent.size();
  }
  model::Event LastEvent(const std::string& id) { return Events(id).back(); }

  Digests digests{{*database, *limiter, *recipients, catalog, clock, log, metrics, "https://mail.example.com", {}}};
};

}  // namespace sealpost::submit::tests
