#include "dns/spf_walk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/dns/zone_resolver.h"

using namespace sealpost::dns;
using sealpost::tests::ZoneResolver;

namespace {

SpfWalk WalkOf(const std::string& zone) {
  ZoneResolver dns(zone);
  return WalkSpf(dns, "example.com", kNoDeadline);
}

// Counts how often somebody has to wait: questions that were announced together wait together.
class BatchResolver final : public Resolver {
 public:
  explicit BatchResolver(const std::string& zone) : zone_(zone) {}
  Answer Ask(const Question& question, Deadline deadline) override {
    if (!known_.contains({question.name, question.type})) {
      ++waits_;
      known_ = under_way_;
      known_.insert({question.name, question.type});
    }
    return zone_.Ask(question, deadline);
  }
  void Prefetch(std::span<const Question> questions) override {
    for (const Question& question : questions) under_way_.insert({question.name, question.type});
  }
  int waits() const { return waits_; }

 private:
  ZoneResolver zone_;
  std::set<std::pair<std::string, Type>> under_way_, known_;
  int waits_ = 0;
};

}  // namespace

TEST_CASE("every term of every record counts, though one of them would match early") {
  const SpfWalk walk = WalkOf(R"(
    example.com TXT "v=spf1 +ip4:192.0.2.1 a mx include:one.example include:two.example ptr exists:%{i}.x.org -all"
    example.com A   192.0.2.1
    example.com MX  10 example.com
    one.example TXT "v=spf1 a:example.com include:three.example ?all"
    two.example TXT "v=spf1 redirect=three.example"
    three.example TXT "v=spf1 ip4:192.0.2.2 a:example.com"
  )");
  CHECK(walk.lookups == 6 + 2 + 1 + 1 + 1);
  REQUIRE(walk.nodes.size() == 5);
  const std::vector<std::string> order = {"example.com", "one.example", "three.example", "two.example",
                                          "three.example"};
  for (std::size_t i = 0; i < order.size(); ++i) CHECK(walk.nodes[i].domain == order[i]);
  CHECK(walk.nodes[0].via.empty());
  CHECK(walk.nodes[0].lookups == 6);
  CHECK(walk.nodes[2].via == "include:three.example");
  CHECK(walk.nodes[2].parent == 1);
  CHECK(walk.nodes[2].depth == 2);
  CHECK(walk.nodes[4].via == "redirect=three.example");
  CHECK(walk.nodes[4].parent == 3);
  CHECK(walk.void_lookups == 0);
  CHECK(walk.macros == std::vector<std::string>{"exists:%{i}.x.org"});
  CHECK_FALSE(walk.cut);
}

TEST_CASE("the same include twice is no loop and costs twice, asked once") {
  ZoneResolver dns(R"(
    example.com TXT "v=spf1 include:x.example include:x.example -all"
    x.example   TXT "v=spf1 a:h.example -all"
    h.example   A   192.0.2.1
  )");
  const SpfWalk walk = WalkSpf(dns, "example.com", kNoDeadline);
  CHECK(walk.lookups == 4);
  CHECK(walk.nodes.size() == 3);
  CHECK(std::ranges::none_of(walk.nodes, &SpfNode::loop));
  CHECK(std::ranges::count(dns.asked(), "x.example TXT") == 1);
}

TEST_CASE("a name among its own ancestors is a loop and ends the walk there") {
  const SpfWalk walk = WalkOf(R"(
    example.com TXT "v=spf1 include:x.example -all"
    x.example   TXT "v=spf1 include:EXAMPLE.com redirect=x.example"
  )");
  REQUIRE(walk.nodes.size() == 4);
  CHECK(walk.nodes[2].loop);
  CHECK(walk.nodes[2].answer.Told());
  CHECK(walk.nodes[3].loop);
  CHECK(walk.lookups == 3);
}

TEST_CASE("what stands behind all, and a redirect beside it, is never evaluated") {
  const SpfWalk walk = WalkOf(R"(
    example.com TXT "v=spf1 ip4:192.0.2.1 -all a:gone.example include:x.example redirect=y.example"
  )");
  CHECK(walk.lookups == 0);
  CHECK(walk.nodes.size() == 1);
  CHECK(walk.voids.empty());
}

TEST_CASE("voids are names that are empty for everybody, counted once a term") {
  const SpfWalk walk = WalkOf(R"(
    example.com   TXT  "v=spf1 a:gone.example a:four.example mx exists:%{d}.gone.example include:none.example -all"
    example.com   MX   10 dead1.example
    example.com   MX   20 dead2.example
    example.com   MX   30 four.example
    four.example  A    192.0.2.1
  )");
  CHECK(walk.void_lookups == 4);
  REQUIRE(walk.voids.size() == 5);
  CHECK(walk.voids[0].name == "gone.example");
  CHECK(walk.voids[1].term == "mx");
  CHECK(walk.voids[1].name == "dead1.example");
  CHECK(walk.voids[2].name == "dead2.example");
  CHECK(walk.voids[3].name == "example.com.gone.example");
  CHECK(walk.voids[4].domain == "example.com");
  CHECK(walk.voids[4].term == "include:none.example");
  CHECK(walk.nodes[1].answer.status == Status::kNxDomain);
}

TEST_CASE("names that vary by message are not asked for") {
  ZoneResolver dns("example.com TXT \"v=spf1 include:%{ir}.x.example exists:%{l}.x.example a:%{h} ptr -all\"");
  const SpfWalk walk = WalkSpf(dns, "example.com", kNoDeadline);
  CHECK(dns.asked().size() == 1);
  CHECK(walk.lookups == 4);
  CHECK(walk.macros.size() == 3);
  CHECK(walk.void_lookups == 0);
}

TEST_CASE("a name that could not be asked is neither void nor there") {
  const SpfWalk walk = WalkOf(R"(
    example.com TXT "v=spf1 a:slow.example a:slow.example include:broken.example -all"
    slow.example * TIMEOUT
    broken.example TXT SERVFAIL
  )");
  CHECK(walk.void_lookups == 0);
  CHECK(walk.unknown == std::vector<std::string>{"broken.example", "slow.example"});
  CHECK(walk.lookups == 3);
}

TEST_CASE("passing everybody or nearly is found through what passes, and only through that") {
  const SpfWalk walk = WalkOf(R"(
    example.com   TXT "v=spf1 include:open.example ?include:neutral.example ip4:10.0.0.0/8 ip4:10.0.0.0/9 ~all"
    open.example  TXT "v=spf1 -ip4:192.0.2.0/0 ip6:2001::/16 a:h.example//0 redirect=all.example"
    h.example     AAAA 2001:db8::1
    all.example   TXT "v=spf1 +all"
    neutral.example TXT "v=spf1 all"
  )");
  REQUIRE(walk.wide.size() == 4);
  CHECK(walk.wide[0].term == "ip4:10.0.0.0/8");
  CHECK_FALSE(walk.wide[0].everybody);
  CHECK(walk.wide[1].term == "ip6:2001::/16");
  CHECK_FALSE(walk.wide[1].everybody);
  CHECK(walk.wide[2].term == "a:h.example//0");
  CHECK(walk.wide[2].everybody);
  CHECK(walk.wide[3].domain == "all.example");
  CHECK(walk.wide[3].everybody);
  CHECK(WalkOf("example.com TXT \"v=spf1 -include:x.example ~all\"\nx.example TXT \"v=spf1 all\"").wide.empty());
  CHECK(WalkOf("example.com TXT \"v=spf1 ip4:0.0.0.0/0 -all\"").wide.at(0).everybody);
}

TEST_CASE("more than ten MX names are noted") {
  std::string zone = "example.com TXT \"v=spf1 mx:m.example -all\"\nh.example A 192.0.2.1\n";
  for (int i = 0; i < 10; ++i) zone += "m.example MX 10 h.example\n";
  CHECK(WalkOf(zone).mx_over_limit.empty());
  CHECK(WalkOf(zone + "m.example MX 10 h.example").mx_over_limit == std::vector<std::string>{"m.example"});
}

TEST_CASE("records that are missing, double or broken end their branch with what was found") {
  const SpfWalk walk = WalkOf(R"(
    example.com TXT "v=spf1 include:two.example include:bad.example -all"
    two.example TXT "v=spf1 a"
    two.example TXT "v=spf1 mx"
    bad.example TXT "v=spf1 a:museum moo"
  )");
  REQUIRE(walk.nodes.size() == 3);
  CHECK(walk.nodes[1].records.size() == 2);
  CHECK_FALSE(walk.nodes[1].record);
  CHECK(walk.nodes[2].errors.size() == 2);
  CHECK(walk.lookups == 2);
  CHECK(WalkOf("").nodes.at(0).answer.status == Status::kNxDomain);
}

TEST_CASE("a walk stops at 100 records, at 500 questions and at the deadline, and says so") {
  std::string many = "example.com TXT \"v=spf1";
  for (int i = 0; i < 150; ++i) many += " include:x.example";
  CHECK(WalkOf(many + "\"\nx.example TXT \"v=spf1 -all\"").nodes.size() == 100);
  CHECK(WalkOf(many + "\"\nx.example TXT \"v=spf1 -all\"").cut);

  std::string hosts = "example.com TXT \"v=spf1";
  for (int i = 0; i < 2000; ++i) hosts += " a:h" + std::to_string(i) + ".example";
  ZoneResolver dns(hosts + "\"");
  CHECK(WalkSpf(dns, "example.com", kNoDeadline).cut);
  CHECK(dns.asked().size() == 500);

  ZoneResolver late("example.com TXT \"v=spf1 -all\"");
  const SpfWalk walk = WalkSpf(late, "example.com", Deadline::min());
  CHECK(walk.cut);
  CHECK(late.asked().empty());
  CHECK_FALSE(walk.nodes.at(0).answer.Told());
}

TEST_CASE("a walk waits once for each level of records, not for each name") {
  std::string zone = "example.com TXT \"v=spf1 include:a.example include:b.example include:c.example mx -all\"\n";
  zone += "example.com MX 10 m.example\nm.example A 192.0.2.1\n";
  for (const std::string name : {"a", "b", "c"}) {
    zone += name + ".example TXT \"v=spf1 include:deep." + name + ".example a:h." + name + ".example\"\n";
    zone += "deep." + name + ".example TXT \"v=spf1 ip4:192.0.2.0/24\"\nh." + name + ".example A 192.0.2.1\n";
  }
  BatchResolver dns(zone);
  CHECK(WalkSpf(dns, "example.com", kNoDeadline).lookups == 4 + 6);
  CHECK(dns.waits() <= 4);
}
