#include "mailer/submit/default_category.h"

#include <doctest/doctest.h>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::Plain;

namespace {

struct Defaults {
  std::string of_template, of_key, of_installation;
};

std::string CategoryOf(const SendRequest& request, const Defaults& defaults) {
  model::ApiKey caller;
  caller.category = defaults.of_key;
  const LimitRules rules{.default_category = defaults.of_installation};
  auto checked = Validate(request, caller, base::FromMillis(1'767'225'600'000), rules);
  REQUIRE(checked);
  ApplyDefaultCategory(*checked, defaults.of_template, caller, rules);
  CHECK(checked->category_name == rules.policy.NameOf(checked->category));
  return checked->category_name;
}

SendRequest Saying(const std::string& category, bool as_member) {
  SendRequest request = Plain();
  request.category = category;
  request.category_is_member = as_member;
  return request;
}

}  // namespace

TEST_CASE("the template's default stands before the key's, and that before the installation's") {
  CHECK(CategoryOf(Plain(), {"otp", "receipt", "notification"}) == "otp");
  CHECK(CategoryOf(Plain(), {"", "receipt", "notification"}) == "receipt");
  CHECK(CategoryOf(Plain(), {"", "", "notification"}) == "notification");
  CHECK(CategoryOf(Plain(), {}) == "uncategorized");
}

TEST_CASE("what a request says stands before every default, an unknown word in a tag says nothing") {
  const Defaults defaults{"otp", "receipt", "notification"};
  CHECK(CategoryOf(Saying("invitation", true), defaults) == "invitation");
  CHECK(CategoryOf(Saying("invitation", false), defaults) == "invitation");
  CHECK(CategoryOf(Saying("uncategorized", true), defaults) == "uncategorized");
  CHECK(CategoryOf(Saying("newsletter", false), defaults) == "otp");
  CHECK(CategoryOf(Saying("", true), defaults) == "otp");
}

TEST_CASE("a default that the policy does not know any more is passed over") {
  CHECK(CategoryOf(Plain(), {"gone", "receipt", ""}) == "receipt");
  CHECK(CategoryOf(Plain(), {"gone", "gone", "gone"}) == "uncategorized");
}

TEST_CASE("a default is set by a name of the policy, kept as that spells it, and refused with the nearest") {
  ratelimit::Policy policy = ratelimit::Policy::Default();
  policy.categories.push_back({.category = static_cast<ratelimit::Category>(policy.categories.size()),
                               .lane = ratelimit::Lane::kAnonymous,
                               .name = "magic_link"});
  CHECK(CheckDefaultCategory("Password-RESET", policy) == "password_reset");
  CHECK(CheckDefaultCategory("magic-link", policy) == "magic_link");
  CHECK(CheckDefaultCategory("", policy) == "");
  const auto near = CheckDefaultCategory("recipt", policy);
  CHECK(near.error().kind == base::ErrorKind::kInvalid);
  CHECK(near.error().message.ends_with("; did you mean receipt?"));
  const auto far = CheckDefaultCategory(std::string(1'000'000, 'x'), policy);
  CHECK(far.error().message.size() < 300);
  CHECK(far.error().message.find("otp, password_reset") != std::string::npos);
}
