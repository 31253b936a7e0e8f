#include "api/resources/openapi.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "api/dev/dev_keyring.h"
#include "api/dev/routes.h"
#include "api/http/html.h"
#include "api/http/problem.h"
#include "api/pages/unsubscribe.h"
#include "api/resources/domain_dns.h"
#include "api/resources/email_json.h"
#include "api/resources/emails.h"
#include "api/resources/health.h"
#include "api/resources/limit_events.h"
#include "api/resources/limit_state_json.h"
#include "api/resources/limits.h"
#include "api/resources/not_served.h"
#include "api/resources/recipient_limits.h"
#include "api/resources/refusals.h"
#include "api/resources/scheduled_emails.h"
#include "api/resources/template_json.h"
#include "api/resources/templates.h"
#include "api/resources/topics.h"
#include "mailer/base/json.h"
#include "mailer/domains/state_json.h"
#include "ratelimit/memory_limiter.h"
#include "tests/api/resources/outline.h"
#include "tests/mailer/recipients/fixture.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using recipients::tests::Good;
using sealpost::tests::Node;

namespace {

struct OneKey final : http::KeyBook {
  std::optional<model::ApiKey> Find(std::string_view token) const override {
    if (token != "key") return std::nullopt;
    model::ApiKey key;
    key.id = "00000000-0000-7000-8000-000000000001";
    key.permission = model::Permission::kFullAccess;
    return key;
  }
};

struct NoDomains final : submit::SenderDomains {
  std::optional<model::SenderDomain> Find(std::string_view) const override { return std::nullopt; }
};

struct NoQueue final : submit::Intake {
  bool HasRoom(std::size_t) override { return false; }
  void Put(model::Job) override {}
};

// Every part that adds routes to the listener of the API, as `sealpost dev` and `serve` put them together.
struct Program {
  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  base::Secret secret{"a secret of thirty-two characters"};
  base::TokenSigner tokens{secret};
  OneKey keys;
  NoDomains domains;
  NoQueue queue;
  std::unique_ptr<store::Database> database =
      Good(store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log));
  std::unique_ptr<recipients::Recipients> recipients = Good(recipients::Recipients::Load(*database, tokens, clock));
  std::unique_ptr<ratelimit::Limiter> limiter =
      ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), ratelimit::SystemNow);
  submit::Catalog catalog{*database};
  submit::Answers answers{*database, clock};
  submit::Submitter submitter{
      {*database, *limiter, *recipients, catalog, answers, domains, queue, clock, metrics, "http://localhost"}};
  queue::Dispatcher dispatcher{{}, *database, *recipients, clock, log, metrics};
  queue::Scheduled scheduled{dispatcher, *database, clock, [](const model::Job&) {}};
  submit::LimitRules limit_rules;
  ratelimit::SourceWatch sources;
  recipients::Blocks blocks{{*database, *limiter, clock, "secret"}};
  resources::KeyRate key_rate{1000, clock};
  std::unique_ptr<dev::DevKeyring> keyring = Good(dev::DevKeyring::Open(folder.File("dkim")));
  std::unique_ptr<dev::InboxStore> inbox = Good(dev::InboxStore::Open(folder.File("inbox"), clock));
  dev::Script script;
  dev::Zone zone{*keyring, *inbox};
  http::Router router{keys}, development{keys}, missing{keys};

  Program() {
    resources::AddEmails(router, {submitter, *database, tokens, key_rate});
    resources::AddScheduledEmails(router, {scheduled, *database, clock, key_rate});
    resources::AddTemplates(router, {*database, catalog, clock, key_rate, limit_rules.policy});
    resources::AddTopics(router, {*database, clock, key_rate});
    resources::AddDomainDns(router, {nullptr, key_rate});
    resources::AddLimits(router, {*limiter, limit_rules, *recipients, clock, key_rate, catalog, sources});
    resources::AddLimitEvents(router, {*database, limit_rules, key_rate, "secret"});
    resources::AddRecipientLimits(
        router, {*limiter, limit_rules, *recipients, blocks, *database, clock, log, key_rate, "secret",
                 [this](const std::string& mailbox) { return limiter->Reset(mailbox); }});
    resources::AddHealth(router, [] { return std::vector<resources::PartHealth>{{"store", "ok", ""}}; });
    resources::AddMetrics(router, metrics);
    resources::AddOpenApi(router);
    pages::AddUnsubscribe(router, *recipients);
    http::AddPageAssets(router);
    const dev::DevParts parts{*inbox, script, zone, [](const std::string&) { return std::string(); }, ""};
    dev::AddDevRoutes(router, parts);
    dev::AddDevRoutes(development, parts);
    resources::AddNotServed(missing);
  }

  http::Response Ask(std::string method, std::string path, std::string body = "") const {
    http::Request request{.method = std::move(method), .path = std::move(path), .body = std::move(body)};
    request.headers["Authorization"] = "Bearer key";
    return router.Dispatch(request).response;
  }
};

const std::string& Contract() {
  static const std::string text = [] {
    std::ifstream file(SEALPOST_SOURCE_DIR "/api/openapi.yaml", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  return text;
}

const Node& Outline() {
  static const Node outline = tests::OutlineReader::Read(Contract());
  return outline;
}

using Operations = std::map<std::string, const Node*>;  // "POST /emails"

Operations Documented() {
  Operations operations;
  for (const Node& path : Outline()["paths"].children) {
    for (const Node& method : path.children) {
      std::string name = method.key;
      std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
      operations[name + " " + path.key] = &method;
    }
  }
  return operations;
}

std::set<std::string> NamesOf(const http::Router& router) {
  std::set<std::string> names;
  for (const auto& route : router.Routes()) names.insert(route.method + " " + route.pattern);
  return names;
}

const char* SecurityOf(http::Access access) {
  switch (access) {
    case http::Access::kPublic:
      return "[]";
    case http::Access::kSend:
      return "[{ bearer: [] }]";
    case http::Access::kFull:
      return "[{ bearer: [full_access] }]";
  }
  return "";
}

using Members = std::set<std::string>;

Members MembersOf(base::JsonView object) {
  Members members;
  object.ForEachMember([&](std::string_view key, base::JsonView) {
    members.emplace(key);
    return true;
  });
  return members;
}

// The members of the first element of a list, or of the answer itself.
Members MembersOf(const std::string& json) {
  const auto document = Good(base::JsonDocument::Parse(json));
  Members members;
  if (document.Root()["data"].IsArray()) {
    document.Root()["data"].ForEachElement([&](std::size_t, base::JsonView element) {
      members = MembersOf(element);
      return false;
    });
    return members;
  }
  return MembersOf(document.Root());
}

Members DocumentedMembers(std::string_view schema) {
  const auto keys = Outline()["components"]["schemas"][schema]["properties"].Keys();
  return {keys.begin(), keys.end()};
}

Members Joined(Members left, const Members& right) {
  left.insert(right.begin(), right.end());
  return left;
}

}  // namespace

TEST_CASE("every route is documented, and every documented route is served") {
  const Program program;
  const Operations documented = Documented();
  const std::set<std::string> served = NamesOf(program.router);
  REQUIRE(served.size() > 20);
  for (const std::string& name : served) CHECK_MESSAGE(documented.contains(name), name << " is not documented");
  for (const auto& [name, node] : documented) CHECK_MESSAGE(served.contains(name), name << " is not served");
}

TEST_CASE("what this version refuses by name is not documented as served") {
  const Program program;
  const Operations documented = Documented();
  for (const std::string& name : NamesOf(program.missing)) CHECK_MESSAGE(!documented.contains(name), name);
}

TEST_CASE("an operation asks for the key that its route asks for") {
  const Program program;
  const Operations documented = Documented();
  for (const auto& route : program.router.Routes()) {
    const auto found = documented.find(route.method + " " + route.pattern);
    REQUIRE(found != documented.end());
    CHECK_MESSAGE((*found->second)["security"].value == SecurityOf(route.access), found->first);
  }
}

TEST_CASE("what exists in development only is marked so, and nothing else") {
  const Program program;
  const std::set<std::string> development = NamesOf(program.development);
  for (const auto& [name, node] : Documented()) {
    const bool marked = (*node)["x-development-only"].value == "true";
    CHECK_MESSAGE(marked == development.contains(name), name);
  }
}

TEST_CASE("the error names are documented in their order, and no other") {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(http::Name::kInternalServerError); ++i) {
    names.emplace_back(http::NameText(static_cast<http::Name>(i)));
  }
  CHECK(names.size() == 21);
  CHECK(Outline()["components"]["schemas"]["ErrorName"]["enum"].Elements() == names);
}

TEST_CASE("categories and states are documented as the program spells them") {
  const Node& schemas = Outline()["components"]["schemas"];
  std::vector<std::string> categories, states;
  for (int i = 0; i <= static_cast<int>(ratelimit::Category::kSecurityAlert); ++i) {
    categories.emplace_back(ratelimit::CategoryName(static_cast<ratelimit::Category>(i)));
  }
  for (int i = 0; i <= static_cast<int>(model::DeliveryState::kDelivered); ++i) {
    states.emplace_back(model::StateName(static_cast<model::DeliveryState>(i)));
  }
  CHECK(schemas["Category"]["enum"].Elements() == categories);
  CHECK(schemas["State"]["enum"].Elements() == states);
}

TEST_CASE("the members of an email and of an event are those documented") {
  const Program program;
  CHECK(MembersOf(resources::EmailJson({}, {}, program.tokens)) == DocumentedMembers("Email"));
  CHECK(MembersOf(resources::EventsJson({model::Event()})) == DocumentedMembers("Event"));
}

TEST_CASE("the members of a template and of a topic are those documented") {
  const Program program;
  const Members summary = DocumentedMembers("TemplateSummary");
  CHECK(MembersOf(resources::TemplateJson({}, false)) == summary);
  CHECK(MembersOf(resources::TemplateJson({}, true)) == Joined(summary, DocumentedMembers("Template")));

  const http::Response made = program.Ask("POST", "/topics", R"({"name":"News"})");
  REQUIRE(made.status == 201);
  CHECK(MembersOf(made.body) == DocumentedMembers("TopicId"));
  CHECK(MembersOf(program.Ask("GET", "/topics").body) == DocumentedMembers("Topic"));
}

TEST_CASE("the members of a DNS report are those documented") {
  dns::Report report;
  report.findings.emplace_back().fix = dns::Fix{};
  domains::DomainState state;
  domains::TakeIn(state, report, {}, base::FromMillis(0));
  const domains::VerdictChange change{.findings = {domains::FindingChange{}}};
  const auto document = Good(base::JsonDocument::Parse(domains::StateJson(state, {change})));
  const base::JsonView root = document.Root();
  const auto first = [](base::JsonView list) {
    base::JsonView found;
    list.ForEachElement([&](std::size_t, base::JsonView element) {
      found = element;
      return false;
    });
    return found;
  };
  CHECK(MembersOf(root) == DocumentedMembers("DnsReport"));
  CHECK(MembersOf(first(root["findings"])) == DocumentedMembers("DnsFinding"));
  CHECK(MembersOf(first(root["findings"])["fix"]) == DocumentedMembers("DnsFix"));
  CHECK(MembersOf(first(root["history"])) == DocumentedMembers("DnsChange"));
  CHECK(MembersOf(first(first(root["history"])["findings"])) == DocumentedMembers("DnsFindingChange"));
}

TEST_CASE("the members of the limits' answers are those documented") {
  const Program program;
  const auto limits = Good(base::JsonDocument::Parse(program.Ask("GET", "/x/limits").body));
  CHECK(MembersOf(limits.Root()) == DocumentedMembers("Limits"));
  CHECK(MembersOf(limits.Root()["client_ip"]) == DocumentedMembers("LimitsClientIp"));
  CHECK(MembersOf(program.Ask("POST", "/x/limits/check", R"({"to":"ann@example.org"})").body) ==
        DocumentedMembers("LimitsCheck"));
  base::JsonWriter event;
  resources::WriteLimitEvent(event, {});
  CHECK(MembersOf(event.Take()) == DocumentedMembers("LimitEvent"));
  const std::vector<std::string> kinds(std::begin(ratelimit::kSignalNames), std::end(ratelimit::kSignalNames));
  CHECK(Outline()["components"]["schemas"]["LimitEventKind"]["enum"].Elements() == kinds);
  const auto document =
      Good(base::JsonDocument::Parse(program.Ask("GET", "/x/recipients/ann@example.org/limits").body));
  CHECK(MembersOf(document.Root()) == DocumentedMembers("RecipientLimits"));
  document.Root()["rules"].ForEachElement([](std::size_t, base::JsonView rule) {
    CHECK(MembersOf(rule) == DocumentedMembers("LimitUsage"));
    return false;
  });
}

TEST_CASE("the members of an error are those documented") {
  const http::Request request{.id = "00000000-0000-7000-8000-000000000002"};
  const submit::Refusal refusal{submit::RefusalKind::kLimited, "too many", "/to"};
  const Members problem = DocumentedMembers("Problem");
  CHECK(MembersOf(http::ToResponse(resources::ToProblem(refusal), request).body) == problem);
  CHECK(MembersOf(resources::LimitedResponse(refusal, {}, request).body) ==
        Joined(problem, DocumentedMembers("LimitedProblem")));
}

TEST_CASE("the program serves the contract as it stands in the repository") {
  const Program program;
  const http::Response answer = program.Ask("GET", "/openapi.yaml");
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "application/yaml");
  CHECK(answer.body == Contract());
}

TEST_CASE("the contract names the version of the program") {
  std::ifstream file(SEALPOST_SOURCE_DIR "/CMakeLists.txt");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  CHECK(text.find("project(sealpost VERSION " + Outline()["info"]["version"].value + " ") != std::string::npos);
}

TEST_CASE("an outline has keys, lists and quoted keys, and skips blocks and comments") {
  const Node root = tests::OutlineReader::Read(
      "# note\na:\n  b: 1\n  'c d': { e: 2 }\n\n  text: >-\n    f: not a key\n  list:\n    - x\n    - y: z\ng: h\n");
  CHECK(root.Keys() == std::vector<std::string>{"a", "g"});
  CHECK(root["a"].Keys() == std::vector<std::string>{"b", "c d", "text", "list"});
  CHECK(root["a"]["c d"].value == "{ e: 2 }");
  CHECK(root["a"]["list"].Elements() == std::vector<std::string>{"x", "y: z"});
  CHECK(root["none"]["deeper"].children.empty());
}
