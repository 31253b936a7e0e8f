#include "ratelimit/trace.h"

#include <doctest/doctest.h>

using namespace sealpost::ratelimit;

TEST_CASE("anonymous is what nobody vouches for, in the categories that strangers trigger") {
  const Policy policy = Policy::Default();
  TraceEntry entry{.local = "ann", .domain = "example.org", .category = Category::kPasswordReset};
  CHECK(IsAnonymous(policy, entry));
  entry.trust = Trust::kFull;
  CHECK_FALSE(IsAnonymous(policy, entry));
  entry.category = Category::kSignupConfirmation;
  CHECK(IsAnonymous(policy, entry));
  entry.category = Category::kSecurityAlert;
  CHECK_FALSE(IsAnonymous(policy, entry));
}

TEST_CASE("each line is a request of its own, also to the same mailbox") {
  const TraceEntry first{.line = 1, .local = "ann", .domain = "example.org"};
  const TraceEntry second{.line = 2, .local = "ann", .domain = "example.org"};
  CHECK(RequestOf(first).id != RequestOf(second).id);
  CHECK(RequestOf(first).recipients.front().mailbox == RequestOf(second).recipients.front().mailbox);
}
