#include "ratelimit/plan.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/ratelimit/requests.h"

using namespace sealpost::ratelimit;
using sealpost::tests::Book;
using sealpost::tests::Mailboxes;

namespace {

std::string Counters(const Request& request) {
  std::string text;
  for (const Counter& counter : MakePlan(Book(), request).counters) {
    text += CounterName(counter.rules->kind, counter.subject) + "x" + std::to_string(counter.units) + " ";
  }
  return text;
}

Request Full(Category category, Trust trust = Trust::kNone) {
  return {.id = "r",
          .recipients = {{.mailbox = "a+1@x", .family = "a@x", .domain = "x"},
                         {.mailbox = "a+2@x", .family = "a@x", .domain = "x"},
                         {.mailbox = "b@y", .family = "b@y", .domain = "y", .confirmed = true}},
          .category = category,
          .trust = trust,
          .key = "k",
          .source = "192.0.2.1",
          .inviter = "i",
          .workspace = "w"};
}

}  // namespace

TEST_CASE("an anonymous request touches every counter around its mailboxes") {
  CHECK(Counters(Full(Category::kInvitation)) ==
        "mailbox:a+1@xx1 mailbox:a+2@xx1 mailbox:b@yx1 family:a@xx2 domain:xx2 workspace:1:wa+1@xx1 "
        "workspace:1:wa+2@xx1 workspace:1:wb@yx1 inviter:ix3 source:192.0.2.1x2 source_net:192.0.2.0/24x2 key:kx2 ");
  CHECK(Counters(Full(Category::kSignupConfirmation)).find("unconfirmed:a+1@xx1 ") != std::string::npos);
  CHECK(Counters(Full(Category::kSignupConfirmation)).find("unconfirmed:b@y") == std::string::npos);
}

TEST_CASE("the application's, trusted and reserved mail touches its mailboxes and the key at most") {
  const std::string mailboxes = "mailbox:a+1@xx1 mailbox:a+2@xx1 mailbox:b@yx1 ";
  CHECK(Counters(Full(Category::kUncategorized)) == mailboxes + "key:kx2 ");
  CHECK(Counters(Full(Category::kOtp, Trust::kFull)) == mailboxes + "key:kx2 ");
  CHECK(Counters(Full(Category::kOtp, Trust::kCaptcha)) == mailboxes + "key:kx2 ");
  CHECK(Counters(Full(Category::kSecurityAlert)) == mailboxes);
}

TEST_CASE("whom a verified workspace invites shares no domain's budget") {
  const auto counts_domain = [](Category category, bool verified, const char* inviter) {
    Request request = Full(category);
    request.workspace_verified = verified;
    request.inviter = inviter;
    return Counters(request).find("domain:x") != std::string::npos;
  };
  CHECK(counts_domain(Category::kInvitation, false, "i"));
  CHECK_FALSE(counts_domain(Category::kInvitation, true, "i"));
  CHECK(counts_domain(Category::kInvitation, true, ""));
  CHECK(counts_domain(Category::kOtp, true, "i"));
}

TEST_CASE("what a request does not tell is not counted") {
  CHECK(Counters({.id = "r", .recipients = Mailboxes({"a@x"}), .category = Category::kInvitation}) == "mailbox:a@xx1 ");
}

TEST_CASE("a mailbox named twice in a request is one unit") {
  CHECK(Counters({.id = "r", .recipients = Mailboxes({"b@x", "a@x", "b@x", "a@x"})}) == "mailbox:b@xx1 mailbox:a@xx1 ");
}

TEST_CASE("no two subjects make one name of a workspace's counter") {
  const auto name = [](const char* workspace, const char* mailbox) {
    Request request{.id = "r", .recipients = Mailboxes({mailbox}), .category = Category::kInvitation};
    request.workspace = workspace;
    return Counters(request).substr(Counters(request).find("workspace"));
  };
  CHECK(name("a", "b@x") != name("ab", "@x"));
  CHECK(name("1:a", "b@x") != name("1", ":ab@x"));
}

TEST_CASE("content is equal for the same mailboxes in any order, in one category") {
  Request one{.id = "1", .recipients = Mailboxes({"a@x", "b@x"}), .category = Category::kNotification};
  one.content = "c";
  Request other = one;
  other.recipients = Mailboxes({"b@x", "a@x"});
  CHECK(MakePlan(Book(), one).content == MakePlan(Book(), other).content);
  other.category = Category::kSecurityAlert;
  CHECK(MakePlan(Book(), one).content != MakePlan(Book(), other).content);
  other.category = Category::kReceipt;
  CHECK(MakePlan(Book(), other).content.empty());
  other.category = one.category = Category::kOtp;
  other.trust = Trust::kCaptcha;
  CHECK(MakePlan(Book(), one).content == MakePlan(Book(), other).content);
  one.content.clear();
  CHECK(MakePlan(Book(), one).content.empty());
}

TEST_CASE("waiting times are rounded up to whole seconds and are never nothing") {
  const Request request{.id = "r", .recipients = Mailboxes({"m"}), .category = Category::kOtp};
  const Plan plan = MakePlan(Book(), request);
  SurgeGate gate;
  const auto retry = [&](std::int64_t ms) {
    Verdict verdict;
    verdict.outcome = sealpost::ratelimit::Outcome::kDenied;
    verdict.standing = Standing{.reset_at = 1000 + ms, .retry_at = 1000 + ms};
    verdict.clock = 1000;
    verdict.refused = {0};
    return Decide(plan, verdict, gate).retry_after.count();
  };
  CHECK(retry(1) == 1);
  CHECK(retry(1000) == 1);
  CHECK(retry(1001) == 2);
  CHECK(retry(29'999) == 30);
}

TEST_CASE("a surge is told once an hour, and a crowd of them fills no memory") {
  SurgeGate gate;
  CHECK(gate.Open("source:a", 0));
  CHECK_FALSE(gate.Open("source:a", 3'599'999));
  CHECK(gate.Open("source:b", 0));
  CHECK(gate.Open("source:a", 3'600'000));
  for (int i = 0; i < 30'000; ++i) CHECK(gate.Open(std::to_string(i), 3'600'000));
}
