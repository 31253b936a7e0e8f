// What is judged beside the mailbox, and what becomes of a request that is over a limit, told by example. The random
// traces of trace_test.cpp meet all of it together.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/fillings.h"
#include "tests/ratelimit/times.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;
using std::chrono::hours;
using std::chrono::seconds;
using Decided = sealpost::ratelimit::Outcome;

namespace {

Request Asking(Category category, std::vector<Recipient> recipients) {
  static std::atomic<int> number = 0;
  return {.id = "scope-" + std::to_string(++number), .recipients = std::move(recipients), .category = category};
}

Request Code(const std::string& mailbox) {
  return Asking(Category::kOtp, {{.mailbox = mailbox}});
}

// Signal kinds and subjects as text, in their order.
std::string Told(const Decision& decision) {
  constexpr const char* kNames[] = {"attack", "recovered", "source", "key", "domain"};
  std::string text;
  for (const Signal& signal : decision.signals) {
    text += std::string(kNames[static_cast<int>(signal.kind)]) + " " + signal.subject + ";";
  }
  return text;
}

// Puts a mailbox under attack; returns the decision that did.
template <class F>
Decision Attack(F& filling, const std::string& mailbox) {
  for (int i = 0; i < 100; ++i) {
    Decision decision = filling.limiter->Admit(Code(mailbox));
    if (Told(decision) == "attack " + mailbox + ";") return decision;
  }
  return {};
}

}  // namespace

#define FILLINGS MemoryFilling, RedisFilling, FallbackFilling

TEST_CASE_TEMPLATE("tags at an unknown domain share their family's budget", F, FILLINGS) {
  F filling;
  int admitted = 0;
  Decision last;
  for (int i = 0; i < 60; ++i) {
    last = filling.limiter->Admit(Asking(
        Category::kOtp, {{.mailbox = "john+" + std::to_string(i) + "@x", .family = "john@x", .confirmed = true}}));
    admitted += last.admitted() ? 1 : 0;
  }
  CHECK(admitted == 24);
  CHECK(last.rule == "umbrella-family-1h");
  CHECK(last.scope == "family");
  CHECK(last.refused == std::vector<std::string>{"john+59@x"});
  CHECK(filling.limiter->Admit(Asking(Category::kOtp, {{.mailbox = "john@x", .family = "john@x"}})).admitted());
}

TEST_CASE_TEMPLATE("unconfirmed mailboxes of a domain share a budget, however many a request names", F, FILLINGS) {
  F filling;
  int admitted = 0;
  Decision last;
  for (int i = 0; i < 60; ++i) {
    const std::string name = std::to_string(i);
    last = filling.limiter->Admit(
        Asking(Category::kOtp, {{.mailbox = "a" + name + "@x", .domain = "x"},
                                {.mailbox = "b" + name + "@x", .domain = "x"},
                                {.mailbox = "c" + name + "@x", .domain = "x", .confirmed = true}}));
    admitted += last.admitted() ? 2 : 0;
    if (i == 50) CHECK(Told(last) == "domain x;");
  }
  CHECK(admitted == 100);
  CHECK(last.scope == "domain");
  CHECK(Told(last).empty());
  CHECK(last.refused == std::vector<std::string>{"a59@x", "b59@x"});
  CHECK(filling.limiter->Admit(Asking(Category::kOtp, {{.mailbox = "d@x"}})).admitted());
}

TEST_CASE_TEMPLATE("a source in shadow refuses nobody and tells what it would have refused", F, FILLINGS) {
  F filling;
  Decision last;
  for (int i = 0; i < 21; ++i) {
    Request request = Code(std::to_string(i) + "@x");
    request.source = i % 2 == 0 ? "192.0.2.1" : "::ffff:192.0.2.1";
    last = filling.limiter->Admit(request);
    CHECK(last.admitted());
    CHECK(last.shadow.empty() == (i < 20));
    CHECK(last.challenge == (i < 9 ? "" : "captcha"));
  }
  CHECK(last.shadow == std::vector<std::string>{"umbrella-source-10m"});
  CHECK(Told(last) == "source 192.0.2.1;");
}

TEST_CASE_TEMPLATE("a source counts unconfirmed mailboxes only, by IPv4 address or IPv6 /64", F, FILLINGS) {
  Policy policy = Policy::Default();
  for (Limit& limit : policy.source) limit.mode = Mode::kEnforce;
  F filling(policy);
  const auto admitted = [&](const std::string& source, bool confirmed, const std::string& name) {
    int sum = 0;
    for (int i = 0; i < 30; ++i) {
      Request request = Asking(Category::kOtp, {{.mailbox = name + std::to_string(i), .confirmed = confirmed}});
      request.source = source;
      sum += filling.limiter->Admit(request).admitted() ? 1 : 0;
    }
    return sum;
  };
  CHECK(admitted("2001:db8::1", true, "office") == 30);
  CHECK(admitted("2001:db8::1", false, "a") == 20);
  CHECK(admitted("2001:db8:0:0:ffff::9", false, "b") == 0);
  CHECK(admitted("2001:db8:0:1::1", false, "c") == 20);
  CHECK(admitted("no address", false, "d") == 30);
}

TEST_CASE_TEMPLATE("a key is limited in new mailboxes, not in messages", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.key = {{hours(1), 3}};
  F filling(policy);
  const auto send = [&](const std::string& mailbox, Category category = Category::kPasswordReset) {
    filling.time.ms += 61'000;
    Request request = Asking(category, {{.mailbox = mailbox}});
    request.key = "k1";
    return filling.limiter->Admit(request);
  };
  for (const char* mailbox : {"a@x", "b@x", "a@x", "b@x", "c@x", "a@x", "c@x"}) CHECK(send(mailbox).admitted());
  const Decision refused = send("d@x");
  CHECK(refused.rule == "new-key-1h");
  CHECK(Told(refused) == "key k1;");
  CHECK(send("d@x", Category::kReceipt).admitted());
  CHECK(send("d@x").admitted());
}

TEST_CASE_TEMPLATE("an inviter is stopped at twenty an hour, one of a verified workspace later", F, FILLINGS) {
  F filling;
  const auto invited = [&](bool verified) {
    int sum = 0;
    for (int i = 0; i < 300; ++i) {
      Request request = Asking(Category::kInvitation, {{.mailbox = std::to_string(i) + (verified ? "@v" : "@x")}});
      request.inviter = verified ? "admin" : "ann";
      request.workspace_verified = verified;
      filling.time.ms += 1500;
      sum += filling.limiter->Admit(request).admitted() ? 1 : 0;
    }
    return sum;
  };
  CHECK(invited(false) == 20);
  CHECK(invited(true) == 250);
}

TEST_CASE_TEMPLATE("a workspace invites a mailbox once in a day, another workspace may", F, FILLINGS) {
  F filling;
  const auto invite = [&](const std::string& workspace) {
    Request request = Asking(Category::kInvitation, {{.mailbox = "john@x"}});
    request.workspace = workspace;
    return filling.limiter->Admit(request);
  };
  CHECK(invite("w1").admitted());
  CHECK(invite("w1").rule == "invitation-workspace-1d");
  CHECK(invite("w2").admitted());
}

TEST_CASE_TEMPLATE("a mailbox that never confirms gets eight confirmations in a week", F, FILLINGS) {
  F filling;
  const auto ask = [&](bool confirmed) {
    return filling.limiter->Admit(
        Asking(Category::kSignupConfirmation, {{.mailbox = "john@x", .confirmed = confirmed}}));
  };
  int admitted = 0;
  for (int i = 0; i < 28; ++i) {
    admitted += ask(false).admitted() ? 1 : 0;
    filling.time.ms += 6 * kHour - 1000;
  }
  CHECK(admitted == 8);
  CHECK(ask(false).rule == "signup_confirmation-mailbox-7d");
  CHECK(ask(true).admitted());
}

TEST_CASE_TEMPLATE("the owner's block stops all but trusted mail and alerts, until it ends or is lifted", F, FILLINGS) {
  F filling;
  filling.limiter->Block("john@x", filling.time.ms + kHour);
  const Decision refused = filling.limiter->Admit(Code("john@x"));
  CHECK(refused.outcome == Decided::kDenied);
  CHECK(refused.rule == "recipient-block");
  CHECK(refused.scope == "recipient");
  CHECK(refused.retry_after == seconds(3600));
  CHECK(filling.limiter->Admit(Asking(Category::kReceipt, {{.mailbox = "john@x"}})).outcome == Decided::kDenied);
  CHECK(filling.limiter->Admit(Asking(Category::kSecurityAlert, {{.mailbox = "john@x"}})).admitted());
  Request trusted = Code("john@x");
  trusted.trust = Trust::kFull;
  CHECK(filling.limiter->Admit(trusted).admitted());
  filling.limiter->Unblock("john@x");
  CHECK(filling.limiter->Admit(Code("john@x")).admitted());
  filling.limiter->Block("jane@x", filling.time.ms + kHour);
  filling.time.ms += kHour;
  CHECK(filling.limiter->Admit(Code("jane@x")).admitted());
}

TEST_CASE_TEMPLATE("equal content is sent once in its time, and again after a refund", F, FILLINGS) {
  F filling;
  Request first = Asking(Category::kNotification, {{.mailbox = "john@x"}});
  first.content = "disk full";
  Request second = first;
  second.id += "+";
  CHECK(filling.limiter->Admit(first).admitted());
  const Decision repeat = filling.limiter->Admit(second);
  CHECK(repeat.outcome == Decided::kCoalesced);
  CHECK(repeat.earlier_id == first.id);
  second.content = "disk fuller";
  CHECK(filling.limiter->Admit(second).admitted());
  filling.limiter->Refund(first);
  first.id += "again";
  CHECK(filling.limiter->Admit(first).admitted());
  filling.time.ms += 5 * kMinute;
  first.id += "later";
  CHECK(filling.limiter->Admit(first).admitted());
  Request reset = Asking(Category::kPasswordReset, {{.mailbox = "john@x"}});
  reset.content = "the same";
  CHECK(filling.limiter->Admit(reset).admitted());
  CHECK(filling.limiter->Admit(reset).outcome == Decided::kDenied);
}

TEST_CASE_TEMPLATE("what is over a limit becomes of it what its category says", F, FILLINGS) {
  F filling;
  const auto over = [&](Category category) {
    Decision decision;
    for (int i = 0; i < 15; ++i) decision = filling.limiter->Admit(Asking(category, {{.mailbox = "john@x"}}));
    return decision;
  };
  const Decision receipt = over(Category::kReceipt);
  CHECK(receipt.outcome == Decided::kHeld);
  CHECK(receipt.hold == seconds(3600));
  CHECK(receipt.on_limit == OnLimit::kHold);
  CHECK(over(Category::kNotification).outcome == Decided::kHeld);
  CHECK(over(Category::kNotification).on_limit == OnLimit::kDigest);
  CHECK(over(Category::kContactAck).outcome == Decided::kDenied);
  CHECK(over(Category::kContactAck).on_limit == OnLimit::kSuppress);
  CHECK(over(Category::kOtp).on_limit == OnLimit::kDeny);
}

TEST_CASE_TEMPLATE("a flood is recognised, halves down to a trickle, and is over when it ebbs away", F, FILLINGS) {
  F filling;
  const Decision attacked = Attack(filling, "john@x");
  CHECK(attacked.under_attack);
  CHECK_FALSE(filling.limiter->Admit(Code("jane@x")).under_attack);
  filling.time.ms += 30 * kMinute;
  CHECK(filling.limiter->Admit(Code("john@x")).admitted());
  filling.time.ms += kMinute;
  const Decision trickle = filling.limiter->Admit(Code("john@x"));
  CHECK(trickle.rule == "attack-mailbox-1h");
  CHECK(trickle.under_attack);
  Request trusted = Code("john@x");
  trusted.trust = Trust::kFull;
  CHECK(filling.limiter->Admit(trusted).admitted());
  filling.time.ms += 60 * kMinute;
  const Decision after = filling.limiter->Admit(Code("john@x"));
  CHECK(after.admitted());
  CHECK(Told(after) == "recovered john@x;");
  CHECK_FALSE(after.under_attack);
}

TEST_CASE_TEMPLATE("a dry run says what would be said, and leaves nothing behind", F, FILLINGS) {
  F filling;
  for (int i = 0; i < 40; ++i) CHECK(filling.limiter->Check(Code("john@x")).admitted());
  CHECK(filling.limiter->Admit(Code("john@x")).admitted());
  for (int i = 0; i < 40; ++i) {
    const Decision refused = filling.limiter->Check(Code("john@x"));
    CHECK(refused.rule == "otp-mailbox-30s");
    CHECK_FALSE(refused.under_attack);
  }
  CHECK(filling.limiter->Explain({.mailbox = "john@x"}).refusals_last_hour == 0);
}

TEST_CASE_TEMPLATE("an explanation shows every rule, every message and every refusal of a mailbox", F, FILLINGS) {
  F filling;
  CHECK(filling.limiter->Admit(Code("john@x")).admitted());
  CHECK(filling.limiter->Admit(Asking(Category::kReceipt, {{.mailbox = "john@x"}})).admitted());
  filling.limiter->Admit(Code("john@x"));
  filling.limiter->Block("john@x", filling.time.ms + kHour);
  const Explanation explanation = filling.limiter->Explain({.mailbox = "john@x"});
  const auto used = [&](const std::string& rule) {
    for (const Explanation::Usage& usage : explanation.rules) {
      if (usage.rule == rule) return static_cast<int>(usage.used);
    }
    return -1;
  };
  CHECK(used("otp-mailbox-30s") == 1);
  CHECK(used("umbrella-mailbox-1h") == 1);
  CHECK(used("all-mailbox-1h") == 2);
  CHECK(used("receipt-mailbox-1d") == 1);
  CHECK(used("password_reset-mailbox-1h") == 0);
  CHECK(used("umbrella-family-1h") == -1);
  REQUIRE(explanation.sent.size() == 2);
  CHECK(explanation.sent[0].category == Category::kOtp);
  CHECK(explanation.sent[1].lane == Lane::kApplication);
  CHECK(explanation.sent[1].at == filling.time.ms);
  CHECK(explanation.refusals_last_hour == 1);
  CHECK(explanation.blocked_until == filling.time.ms + kHour);
  CHECK(explanation.under_attack_since == 0);
}

TEST_CASE_TEMPLATE("a reset opens a mailbox and ends its attack, but not its owner's block", F, FILLINGS) {
  F filling;
  Attack(filling, "john@x");
  filling.limiter->Block("jane@x", filling.time.ms + kHour);
  filling.limiter->Reset("john@x");
  filling.limiter->Reset("jane@x");
  const Decision open = filling.limiter->Admit(Code("john@x"));
  CHECK(open.admitted());
  CHECK_FALSE(open.under_attack);
  CHECK(filling.limiter->Admit(Code("jane@x")).rule == "recipient-block");
}

TEST_CASE_TEMPLATE("seeding brings back what was sent, once, and what it does not know", F, FILLINGS) {
  F filling;
  const Request known = Asking(Category::kUncategorized, {{.mailbox = "john@x"}});
  REQUIRE(filling.limiter->Admit(known).admitted());
  std::vector<Accepted> accepted{{.id = known.id, .at = filling.time.ms}};
  for (int i = 0; i < 8; ++i)
    accepted.push_back({.id = "old" + std::to_string(i), .at = filling.time.ms - i * kMinute});
  accepted.push_back({.id = "last week", .at = filling.time.ms - 170 * kHour});
  filling.limiter->Seed("john@x", accepted);
  filling.limiter->Seed("john@x", accepted);
  int admitted = 0;
  for (int i = 0; i < 12; ++i) {
    admitted += filling.limiter->Admit(Asking(Category::kUncategorized, {{.mailbox = "john@x"}})).admitted() ? 1 : 0;
  }
  CHECK(admitted == 3);
}

TEST_CASE_TEMPLATE(
    "a log that merges its entries admits none too many, and refuses nobody who stays a tenth below a limit", F,
    FILLINGS) {
  F filling;
  int admitted = 0;
  std::vector<std::int64_t> times;
  for (int i = 0; i < 800; ++i) {  // 270 in a day, 300 are allowed
    if (filling.limiter->Admit(Asking(Category::kNotification, {{.mailbox = "john@x"}})).admitted()) {
      ++admitted;
      times.push_back(filling.time.ms);
    }
    filling.time.ms += 320'000;
  }
  CHECK(admitted == 800);
  for (int i = 0; i < 4000; ++i) {  // then as many as go
    if (filling.limiter->Admit(Asking(Category::kNotification, {{.mailbox = "john@x"}})).admitted()) {
      times.push_back(filling.time.ms);
    }
    filling.time.ms += 30'000;
  }
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= 24 * kHour) ++first;
    most = std::max(most, last - first + 1);
  }
  CHECK(most <= 300);
  CHECK(most > 285);
}

TEST_CASE("both fillings keep the same logs, however full") {
  MemoryFilling memory;
  RedisFilling redis;
  memory.time.ms = redis.time.ms.load();
  for (int i = 0; i < 600; ++i) {
    const Category category = i % 7 == 0 ? Category::kOtp : i % 5 == 0 ? Category::kReceipt : Category::kNotification;
    const Request request = Asking(category, {{.mailbox = "john@x"}});
    const Decision one = memory.limiter->Admit(request);
    const Decision other = redis.limiter->Admit(request);
    CHECK(one.outcome == other.outcome);
    CHECK(one.rule == other.rule);
    CHECK(one.reset == other.reset);
    for (SetTime* time : {&memory.time, &redis.time}) time->ms += (i * 7919) % 120'000;
  }
  const auto sent = [](Limiter& limiter) {
    std::string text;
    for (const auto& each : limiter.Explain({.mailbox = "john@x"}).sent) {
      text += std::to_string(each.at) + "x" + std::to_string(each.count) + " ";
    }
    return text;
  };
  CHECK(sent(*memory.limiter) == sent(*redis.limiter));
}
