// What a mailbox costs in Redis, by Redis' own measure.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/contract/fillings.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

struct Size {
  std::int64_t bytes = 0;
  std::size_t keys = 0;
};

Size SizeOf(const RedisServer& server) {
  auto connection = RedisConnection::Open(ParseRedisAddress(server.Url()).value(), std::chrono::seconds(20)).value();
  const RedisCommand list{"KEYS", "*"};
  const auto keys = connection.Run({&list, 1}, std::chrono::seconds(20)).value().front().list;
  Size size{.bytes = 0, .keys = keys.size()};
  for (const RedisReply& key : keys) {
    const RedisCommand usage{"MEMORY", "USAGE", key.text, "SAMPLES", "0"};
    size.bytes += connection.Run({&usage, 1}, std::chrono::seconds(20)).value().front().integer;
  }
  return size;
}

}  // namespace

TEST_CASE("on an ordinary day a mailbox costs at most 250 bytes, all counters around it included") {
  RedisFilling filling;
  std::mt19937 random(1);
  std::set<std::string> active;
  const Category categories[] = {Category::kReceipt,       Category::kNotification,  Category::kOtp,
                                 Category::kUncategorized, Category::kPasswordReset, Category::kSecurityAlert};
  for (int i = 0; i < 9000; ++i) {
    const std::string name = std::to_string(random() % 6000);
    Request request{.id = std::to_string(i), .recipients = {}, .category = categories[random() % 6]};
    const bool confirmed = random() % 10 != 0;
    const std::string domain = random() % 3 == 0 ? "company" + std::to_string(random() % 300) : "";
    request.recipients.push_back(
        {.mailbox = name + "@x", .family = name + "@x", .domain = domain, .confirmed = confirmed});
    request.key = "shop";
    request.source = "198.51." + std::to_string(random() % 100) + "." + std::to_string(random() % 256);
    if (filling.limiter->Admit(request).admitted()) active.insert(name);
    filling.time.ms += 9600;
  }
  const Size size = SizeOf(filling.server);
  MESSAGE(active.size() << " mailboxes, " << size.keys << " keys, "
                        << size.bytes / static_cast<std::int64_t>(active.size()) << " bytes a mailbox");
  CHECK(size.bytes <= 250 * static_cast<std::int64_t>(active.size()));
}

TEST_CASE("a mailbox that gets all it can, blocked and under attack, costs at most 1,200 bytes") {
  RedisFilling filling;
  filling.limiter->Block("john@x", filling.time.ms + 1);
  std::int64_t most = 0;
  for (int i = 0; i < 4000; ++i) {
    Request request{.id = std::to_string(i),
                    .recipients = {{.mailbox = "john@x"}},
                    .category = static_cast<Category>(i % kShippedCategories),
                    .trust = static_cast<Trust>(i % kTrusts)};
    filling.limiter->Admit(request);
    filling.time.ms += 13'000;
    if (i % 50 == 0 || i > 3900) most = std::max(most, SizeOf(filling.server).bytes);
  }
  MESSAGE(most << " bytes");
  CHECK(most <= 1200);
}
