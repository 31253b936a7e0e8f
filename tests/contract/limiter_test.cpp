// One suite that every filling of the limiter must pass. The random traces against the oracle are in trace_test.cpp.
#include "ratelimit/limiter.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/fillings.h"
#include "tests/ratelimit/times.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;
using std::chrono::seconds;

namespace {

Request To(const std::vector<std::string>& mailboxes, Category category = Category::kUncategorized) {
  static std::atomic<int> number = 0;
  return {.id = "request-" + std::to_string(++number), .recipients = Mailboxes(mailboxes), .category = category};
}

// How many of `tries` requests, one after the other in the same moment, are admitted.
template <class Filling>
int Admitted(Filling& filling, int tries, Request request) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    request.id += "+";
    admitted += filling.limiter->Admit(request).admitted() ? 1 : 0;
  }
  return admitted;
}

// The same with some time between them.
template <class Filling>
int AdmittedSpaced(Filling& filling, int tries, std::int64_t step, const Request& request) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    admitted += Admitted(filling, 1, request);
    filling.time.ms += step;
  }
  return admitted;
}

int AdmittedByThreads(const std::vector<Limiter*>& limiters, int threads, int tries, const Request& request) {
  std::atomic<int> admitted = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < threads; ++i) {
    Limiter& limiter = *limiters[static_cast<std::size_t>(i) % limiters.size()];
    callers.emplace_back([&, i] {
      for (int k = 0; k < tries; ++k) {
        Request own = request;
        own.id += "/" + std::to_string(i) + "/" + std::to_string(k);
        admitted += limiter.Admit(own).admitted() ? 1 : 0;
      }
    });
  }
  callers.clear();
  return admitted;
}

}  // namespace

#define FILLINGS MemoryFilling, RedisFilling, FallbackFilling

TEST_CASE_TEMPLATE("an hour takes as many messages as the rule says, in any rolling window", F, FILLINGS) {
  F filling;
  const Request request = To({"john@example.com"});
  CHECK(AdmittedSpaced(filling, 12, kSecond, request) == 12);
  const Decision refused = filling.limiter->Admit(To({"john@example.com"}));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.rule == "uncategorized-mailbox-1h");
  CHECK(refused.limit.count == 12);
  CHECK(refused.remaining == 0);
  CHECK(refused.retry_after == seconds(3600 - 12));
  CHECK(refused.refused == std::vector<std::string>{"john@example.com"});
  CHECK(refused.last_sent_at == filling.time.ms - kSecond);
  filling.time.ms += kHour - 12 * kSecond - 1;
  CHECK_FALSE(filling.limiter->Admit(To({"john@example.com"})).admitted());
  filling.time.ms += 1;
  CHECK(filling.limiter->Admit(To({"john@example.com"})).admitted());
  CHECK_FALSE(filling.limiter->Admit(To({"john@example.com"})).admitted());
}

TEST_CASE_TEMPLATE("a day has its own rule", F, FILLINGS) {
  F filling;
  CHECK(AdmittedSpaced(filling, 60, 1200 * kSecond, To({"john@example.com"})) == 40);
}

TEST_CASE_TEMPLATE("the rule nearest to refusing is reported", F, FILLINGS) {
  F filling;
  const Decision otp = filling.limiter->Admit(To({"john@example.com"}, Category::kOtp));
  CHECK(otp.admitted());
  CHECK(otp.rule == "otp-mailbox-30s");
  CHECK(otp.remaining == 0);
  CHECK(otp.reset == seconds(30));
  CHECK(otp.retry_after == seconds(0));
  CHECK(otp.refused.empty());
  CHECK_FALSE(otp.degraded);
  const Decision plain = filling.limiter->Admit(To({"jane@example.com"}));
  CHECK(plain.rule == "uncategorized-mailbox-1h");
  CHECK(plain.limit.window == seconds(3600));
  CHECK(plain.remaining == 11);
  CHECK(plain.reset == seconds(3600));
}

TEST_CASE_TEMPLATE("a second code within 30 seconds is refused, the third second rounds up", F, FILLINGS) {
  F filling;
  const Request otp = To({"john@example.com"}, Category::kOtp);
  REQUIRE(Admitted(filling, 1, otp) == 1);
  filling.time.ms += 27'001;
  const Decision refused = filling.limiter->Admit(To({"john@example.com"}, Category::kOtp));
  CHECK(refused.rule == "otp-mailbox-30s");
  CHECK(refused.retry_after == seconds(3));
}

TEST_CASE_TEMPLATE("the umbrella holds over all anonymous categories together", F, FILLINGS) {
  F filling;
  int admitted = 0;
  for (int round = 0; round < 3; ++round) {
    for (const Category category : {Category::kOtp, Category::kPasswordReset, Category::kSignupConfirmation,
                                    Category::kInvitation, Category::kContactAck}) {
      admitted += Admitted(filling, 1, To({"john@example.com"}, category));
    }
    filling.time.ms += 61 * kSecond;
  }
  CHECK(admitted == 6);
  const Decision refused = filling.limiter->Admit(To({"john@example.com"}, Category::kOtp));
  CHECK(refused.rule == "umbrella-mailbox-1h");
  Request confirmed = To({"john@example.com"}, Category::kOtp);
  confirmed.recipients.front().confirmed = true;
  CHECK(AdmittedSpaced(filling, 5, 61 * kSecond, confirmed) == 2);
}

TEST_CASE_TEMPLATE("an attacker who spends the anonymous budget leaves the trusted one untouched", F, FILLINGS) {
  F filling;
  AdmittedSpaced(filling, 100, 20 * kSecond, To({"john@example.com"}, Category::kOtp));
  AdmittedSpaced(filling, 20, 20 * kSecond, To({"john@example.com"}, Category::kPasswordReset));
  Request trusted = To({"john@example.com"}, Category::kOtp);
  trusted.trust = Trust::kFull;
  CHECK(AdmittedSpaced(filling, 20, 20 * kSecond, trusted) == 6);
  trusted.category = Category::kPasswordReset;
  CHECK(filling.limiter->Admit(trusted).rule == "trusted-mailbox-1h");
}

TEST_CASE_TEMPLATE("trusted messages do not use up the anonymous budget", F, FILLINGS) {
  F filling;
  Request trusted = To({"john@example.com"}, Category::kOtp);
  trusted.trust = Trust::kFull;
  CHECK(AdmittedSpaced(filling, 6, 30 * kSecond, trusted) == 6);
  CHECK(AdmittedSpaced(filling, 6, 121 * kSecond, To({"john@example.com"}, Category::kOtp)) == 6);
}

TEST_CASE_TEMPLATE("security alerts go when everything else is refused, up to their own limit", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.all = {{seconds(3600), 3}};
  F filling(policy);
  CHECK(Admitted(filling, 5, To({"john@example.com"}, Category::kReceipt)) == 3);
  CHECK(filling.limiter->Admit(To({"john@example.com"}, Category::kNotification)).rule == "all-mailbox-1h");
  CHECK(Admitted(filling, 12, To({"john@example.com"}, Category::kSecurityAlert)) == 10);
  CHECK(filling.limiter->Admit(To({"john@example.com"}, Category::kReceipt)).retry_after == seconds(3600));
}

TEST_CASE_TEMPLATE("a request is all or nothing, and a refusal charges nothing", F, FILLINGS) {
  F filling;
  CHECK(Admitted(filling, 12, To({"full@example.com"})) == 12);
  CHECK(Admitted(filling, 12, To({"also@example.com"})) == 12);
  const Decision refused =
      filling.limiter->Admit(To({"free@example.com", "full@example.com", "other@example.com", "also@example.com"}));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.refused == std::vector<std::string>{"full@example.com", "also@example.com"});
  CHECK(Admitted(filling, 20, To({"free@example.com"})) == 12);
}

TEST_CASE_TEMPLATE("fifty mailboxes in one request are charged each", F, FILLINGS) {
  F filling;
  std::vector<std::string> mailboxes;
  for (int i = 0; i < 50; ++i) mailboxes.push_back("m" + std::to_string(i) + "@example.com");
  CHECK(Admitted(filling, 13, To(mailboxes)) == 12);
  CHECK(filling.limiter->Admit(To(mailboxes)).refused == mailboxes);
  CHECK(Admitted(filling, 1, To({"m49@example.com"})) == 0);
}

TEST_CASE_TEMPLATE("knocking on a closed door does not keep it closed", F, FILLINGS) {
  F filling;
  Admitted(filling, 12, To({"john@example.com"}));
  for (int i = 0; i < 100; ++i) {
    filling.time.ms += 30 * kSecond;
    CHECK_FALSE(filling.limiter->Admit(To({"john@example.com"})).admitted());
  }
  filling.time.ms += kHour - 100 * 30 * kSecond;
  CHECK(Admitted(filling, 20, To({"john@example.com"})) == 12);
}

TEST_CASE_TEMPLATE("a mailbox named twice is charged once", F, FILLINGS) {
  F filling;
  CHECK(Admitted(filling, 12, To({"john@example.com", "john@example.com"})) == 12);
  CHECK_FALSE(filling.limiter->Admit(To({"john@example.com"})).admitted());
}

TEST_CASE_TEMPLATE("a request without a mailbox is admitted by no rule", F, FILLINGS) {
  F filling;
  const Decision decision = filling.limiter->Admit(To({}));
  CHECK(decision.admitted());
  CHECK(decision.rule.empty());
  filling.limiter->Refund(To({}));
}

TEST_CASE_TEMPLATE("mailboxes of any bytes are counted", F, FILLINGS) {
  F filling;
  const std::string odd("\"a\r\n\0} b\"@x", 11);
  CHECK(Admitted(filling, 13, To({odd})) == 12);
  CHECK(Admitted(filling, 1, To({odd + "y"})) == 1);
}

TEST_CASE_TEMPLATE("a refund gives the message back, once", F, FILLINGS) {
  F filling;
  const Request first = To({"john@example.com", "jane@example.com"});
  REQUIRE(filling.limiter->Admit(first).admitted());
  CHECK(Admitted(filling, 11, To({"john@example.com"})) == 11);
  filling.limiter->Refund(first);
  filling.limiter->Refund(first);
  CHECK(Admitted(filling, 3, To({"john@example.com"})) == 1);
  CHECK(Admitted(filling, 13, To({"jane@example.com"})) == 12);
}

TEST_CASE_TEMPLATE("a refund of what was never charged changes nothing", F, FILLINGS) {
  F filling;
  Admitted(filling, 12, To({"john@example.com"}));
  filling.limiter->Refund(To({"john@example.com"}));
  filling.limiter->Refund(To({"nobody@example.com"}));
  CHECK_FALSE(filling.limiter->Admit(To({"john@example.com"})).admitted());
}

TEST_CASE_TEMPLATE("a charge is given back hours later", F, FILLINGS) {
  F filling;
  const Request early = To({"john@example.com"});
  REQUIRE(filling.limiter->Admit(early).admitted());
  filling.time.ms += 20 * kHour;
  CHECK(Admitted(filling, 12, To({"john@example.com"})) == 12);
  filling.limiter->Refund(early);
  filling.limiter->Refund(early);
  const auto known = filling.limiter->Explain({.mailbox = "john@example.com"});
  CHECK(known.sent.size() == 12);
}

TEST_CASE_TEMPLATE("of a request with several recipients one alone is given back", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.domain = {{seconds(3600), 3}};
  F filling(policy);
  Request three = To({"a@example.com", "b@example.com", "c@example.com"}, Category::kInvitation);
  for (Recipient& recipient : three.recipients) recipient.domain = "example.com";
  REQUIRE(filling.limiter->Admit(three).admitted());
  Request one = three;
  one.recipients = {three.recipients[1]};
  filling.limiter->Refund(one);
  Request more = To({"d@example.com"}, Category::kInvitation);
  more.recipients[0].domain = "example.com";
  CHECK(Admitted(filling, 2, more) == 1);
  CHECK(filling.limiter->Explain(three.recipients[0]).sent.size() == 1);
  CHECK(filling.limiter->Explain(three.recipients[1]).sent.empty());
}

TEST_CASE_TEMPLATE("what shares a second with others in a domain's budget stays there", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.domain = {{seconds(3600), 3}};
  F filling(policy);
  const auto invitation = [](const std::string& mailbox) {
    Request request = To({mailbox}, Category::kInvitation);
    request.recipients[0].domain = "example.com";
    return request;
  };
  const Request first = invitation("a@example.com");
  for (const Request& request : {first, invitation("b@example.com")}) {
    REQUIRE(filling.limiter->Admit(request).admitted());
    filling.time.ms += 100;
  }
  filling.time.ms += 1000;
  const Request alone = invitation("c@example.com");
  REQUIRE(filling.limiter->Admit(alone).admitted());
  filling.limiter->Refund(first);
  CHECK(filling.limiter->Explain(first.recipients[0]).sent.empty());
  CHECK_FALSE(filling.limiter->Admit(invitation("d@example.com")).admitted());
  filling.limiter->Refund(alone);
  CHECK(Admitted(filling, 2, invitation("e@example.com")) == 1);
}

TEST_CASE_TEMPLATE("a clock that runs backward opens no window, and says how long it will take", F, FILLINGS) {
  F filling;
  Admitted(filling, 12, To({"john@example.com"}));
  filling.time.ms -= 2 * kHour;
  const Decision refused = filling.limiter->Admit(To({"john@example.com"}));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.retry_after == seconds(3 * 3600));
}

TEST_CASE_TEMPLATE("a rule of zero never admits", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.all = {{seconds(3600), 0}};
  F filling(policy);
  const Decision refused = filling.limiter->Admit(To({"john@example.com"}));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.rule == "all-mailbox-1h");
  CHECK(refused.last_sent_at == 0);
}

TEST_CASE_TEMPLATE("a hundred threads on one mailbox are not one over", F, FILLINGS) {
  F filling;
  CHECK(AdmittedByThreads({filling.limiter.get()}, 100, 5, To({"john@example.com"})) == 12);
  CHECK(AdmittedByThreads({filling.limiter.get()}, 100, 2, To({"a@x", "b@x", "c@x"}, Category::kReceipt)) == 10);
}

TEST_CASE("two limiters on one Redis share one budget by its clock, and so does a third that comes later") {
  RedisServer server;
  const auto make = [&] {
    return std::make_unique<RedisAlone>(MakeRedisLimiter(Policy::Default(), PatientOptions(server)));
  };
  const auto first = make();
  const auto second = make();
  const Request request = To({"john@example.com"});
  CHECK(AdmittedByThreads({first.get(), second.get()}, 100, 3, request) == 12);
  CHECK_FALSE(make()->Admit(request).admitted());
}
