#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "mailer/base/tls_files.h"
#include "tests/scenarios/production.h"
#include "tests/support/fake_smtp_server.h"
#include "tests/support/redis_server.h"

using namespace sealpost::scenarios;
using tests::FakeSmtpServer;

namespace {

const std::string kShipped = SEALPOST_SOURCE_DIR "/deploy/sealpost.toml";

std::string DetailOf(Sealpost& service, std::string_view part) {
  return Json::Of(service.Get("/readyz").body)["parts"][part]["detail"].Text();
}

// What an operator's environment has to say so that the shipped configuration runs in a folder.
std::vector<std::string> Environment(const TempFolder& folder, const std::string& redis, int relay_port) {
  return {"SEALPOST__SERVER__LISTEN=127.0.0.1:0",
          "SEALPOST__SERVER__ADMIN_SOCKET=" + folder.File("admin.sock"),
          "SEALPOST__SERVER__METRICS_LISTEN=127.0.0.1:0",
          "SEALPOST__STORE__URL=sqlite://" + folder.File("sealpost.db"),
          "SEALPOST__STORE__MASTER_KEY_FILE=" + folder.File("master.key"),
          "SEALPOST__LIMITS__STORE=" + redis,
          "SEALPOST__LIMITS__HMAC_KEY_FILE=" + folder.File("limits.key"),
          "SEALPOST__DELIVERY__RELAY=smtp://127.0.0.1:" + std::to_string(relay_port)};
}

}  // namespace

TEST_CASE("the shipped configuration starts, says what is missing, and refuses undeclared domains") {
  TempFolder folder;
  tests::RedisServer redis;
  FakeSmtpServer relay;
  const auto environment = Environment(folder, redis.Url(), relay.port());
  Sealpost service({SEALPOST_BINARY, "serve", "--config", kShipped}, folder, environment);
  const HttpReply ready = service.Get("/readyz");
  CAPTURE(ready.body);
  CHECK(ready.status == 200);
  CHECK(Json::Of(ready.body)["status"].Text() == "degraded");
  CHECK(HealthOf(service, "store") == "ok");
  CHECK(AwaitHealth(service, "limiter", "ok"));
  CHECK(HealthOf(service, "queue") == "ok");
  CHECK(HealthOf(service, "domains") == "degraded");
  CHECK(HealthOf(service, "keys") == "degraded");
  CHECK(Holds(DetailOf(service, "domains"), "sealpost dkim keygen"));
  CHECK(Holds(DetailOf(service, "keys"), "sealpost keys create"));

  // The first key, made while the service runs: it counts at once.
  const auto made = tests::Run(
      {SEALPOST_BINARY, "keys", "create", "--config", kShipped, "--name", "first", "--permission", "full_access"},
      {.environment = environment});
  REQUIRE(made.exit_code == 0);
  service.UseKey(made.output.substr(0, made.output.find('\n')));
  CHECK(HealthOf(service, "keys") == "ok");
  const HttpReply refused = service.Post("/emails", Message("ann@example.com"));
  CAPTURE(refused.body);
  CHECK(refused.status == 403);
  CHECK(Json::Of(refused.body)["name"].Text() == "validation_error");
  CHECK(Holds(Json::Of(refused.body)["message"].Text(), "acme.example"));
  CHECK(service.Stop() == 0);
  CHECK(relay.connections() == 0);
}

TEST_CASE("a declared domain's mail leaves signed, and no address and no secret gets into the log") {
  FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  CHECK(Json::Of(service.Get("/readyz").body)["status"].Text() == "ok");
  const std::string id = Send(service, Message("ann.very.private@example.com", R"("category": "receipt")"));
  REQUIRE(AwaitState(service, id, "delivered"));
  REQUIRE(relay.messages().size() == 1);
  const std::string raw = relay.messages()[0].data;
  CHECK(Holds(HeaderOf(raw, "DKIM-Signature"), "d=acme.example"));
  CHECK(Holds(HeaderOf(raw, "DKIM-Signature"), "s=s1"));
  CHECK(relay.messages()[0].mail_from.starts_with("<b+"));
  CHECK(Holds(relay.messages()[0].mail_from, "@bounce.acme.example>"));
  CHECK(relay.Commands("EHLO mail.example.com") == 1);
  CHECK(service.Post("/emails", R"({"from": "a@other.example", "to": "ann@example.com", "subject": "x", "text": "x"})")
            .status == 403);
  CHECK(service.Get("/x/dev/inbox").status == 404);

  CHECK(service.Stop() == 0);
  const std::string log = production.Complaints();
  CHECK(Holds(log, id));
  CHECK_FALSE(Holds(log, "ann.very.private"));
  CHECK_FALSE(Holds(log, "sp_"));
  CHECK_FALSE(Holds(log, "It works."));
}

TEST_CASE("keys are made while the service runs and while it does not, and a sending key can only send") {
  FakeSmtpServer relay;
  Production production(relay.port());
  const std::string before = production.CreateKey("sending_access");
  std::optional<Sealpost> service(production.Start());
  const std::string during = production.CreateKey("full_access");

  service->UseKey(before);
  CHECK(service->Post("/emails", Message("ann@example.com")).status == 200);
  const HttpReply restricted = service->Get("/templates");
  CHECK(restricted.status == 401);
  CHECK(Json::Of(restricted.body)["name"].Text() == "restricted_api_key");
  const HttpReply trust = service->Post("/emails", Message("ann@example.com", R"("trust": "session")"));
  CHECK(trust.status == 403);
  service->UseKey(during);
  CHECK(service->Get("/templates").status == 200);
  service->UseKey("sp_dev");
  CHECK(service->Get("/templates").status == 403);

  CHECK(service->Stop() == 0);
  service.emplace(production.Start());
  service->UseKey(during);
  CHECK(service->Get("/templates").status == 200);
}

TEST_CASE("links in production mail are https links to the public address") {
  FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  const HttpReply topic = service.Post("/topics", R"({"name": "News"})");
  REQUIRE(topic.status == 201);
  const std::string id =
      Send(service, Message("ann@example.com", R"("topic_id": ")" + Json::Of(topic.body)["id"].Text() + "\""));
  REQUIRE(AwaitState(service, id, "delivered"));
  CHECK(HeaderOf(relay.messages().at(0).data, "List-Unsubscribe").starts_with("<https://mail.example.com/u/"));
}

TEST_CASE("direct delivery is refused with the sentence that it comes with the delivery engine") {
  Production production(25);
  std::string config = production.ReadConfig();
  config.replace(config.find("\"relay\""), 7, "\"direct\"");
  production.Write(config);
  CHECK(production.Run({"serve", "--config", production.config()}).exit_code == 2);
  CAPTURE(production.Complaints());
  CHECK(Holds(production.Complaints(), "comes with the delivery engine"));
  CHECK(Holds(production.Complaints(), "needs the address guard and the TLS policy first"));
}

TEST_CASE("a second service on the same store is refused and the first goes on") {
  FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  const auto second = production.Run({"serve", "--config", production.config()});
  CHECK(second.exit_code == 2);
  CHECK(second.output.empty());
  CAPTURE(production.Complaints());
  CHECK(Holds(production.Complaints(), "another process has the store"));
  CHECK(AwaitState(service, Send(service, Message("ann@example.com")), "delivered"));
  // Its admin socket is still the first one's.
  service.UseKey(production.CreateKey());
  CHECK(service.Get("/templates").status == 200);
}

TEST_CASE("SIGHUP takes a new domain in and keeps the old ones when the file is broken") {
  FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  const std::string from_other = R"({"from": "a@other.example", "to": "ann@example.com", "subject": "x", "text": "x"})";
  CHECK(service.Post("/emails", from_other).status == 403);
  const std::string key_file = production.folder().File("other.pem");
  REQUIRE(production.Run({"dkim", "keygen", "--domain", "other.example", "--selector", "s2", "--out", key_file})
              .exit_code == 0);
  const std::string config =
      production.ReadConfig() +
      "[[domains.domain]]\nname = \"other.example\"\ndkim = [{ selector = \"s2\", key_file = \"" + key_file + "\" }]\n";
  production.Write(config);
  service.Signal(SIGHUP);
  CHECK(WaitFor([&] { return service.Post("/emails", from_other).status == 200; }));

  production.Write("[server\n");
  service.Signal(SIGHUP);
  CHECK(WaitFor([&] { return Holds(production.Complaints(), "reload_refused"); }));
  CHECK(service.Post("/emails", from_other).status == 200);
}

TEST_CASE("SIGHUP takes up a renewed certificate, and keeps the old one where the new one cannot be used") {
  FakeSmtpServer relay;
  Production production(relay.port());
  const auto put = [&](const std::string& name) {
    const auto pair = sealpost::base::MakeSelfSigned(name, 2).value();
    production.folder().Write("tls.key", pair.key_pem);
    return production.folder().Write("tls.crt", pair.certificate_pem);
  };
  const std::string certificate = put("first.example");
  production.Write("[server]\ncertificate_file = \"" + certificate + "\"\nkey_file = \"" +
                   production.folder().File("tls.key") + "\"\n" + production.ReadConfig().substr(sizeof "[server]"));
  Sealpost service = production.Start();
  const auto shows = [&](const std::string& name) {
    const std::string ask = "openssl s_client -connect 127.0.0.1:" + std::to_string(service.port()) +
                            " </dev/null 2>/dev/null | openssl x509 -noout -subject";
    return Holds(tests::Run({"sh", "-c", ask}).output, name);
  };
  CHECK(shows("first.example"));
  put("second.example");
  service.Signal(SIGHUP);
  CHECK(WaitFor([&] { return shows("second.example"); }));
  CHECK(WaitFor([&] { return Holds(production.Complaints(), "\"reloaded\""); }));
  CHECK(Holds(production.Complaints(), "\"certificate_refused\":false"));
  production.folder().Write("tls.crt", "broken");
  service.Signal(SIGHUP);
  CHECK(WaitFor([&] { return Holds(production.Complaints(), "\"certificate_refused\":true"); }));
  CHECK(Holds(production.Complaints(), "\"certificate_refused\",\"error\""));
  CHECK(shows("second.example"));
}

TEST_CASE("an operator asks the running service why a mailbox gets nothing") {
  tests::FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  const std::string socket = production.folder().File("admin.sock");
  const auto idle = production.Run({"limits", "explain", "ann@example.com", "--admin", socket});
  CHECK(idle.exit_code == 0);
  CHECK(Holds(idle.output, "Nothing refuses."));
  Send(service, Message("Ann@Example.com", R"("category": "otp")"));
  const auto told = production.Run({"limits", "explain", "ann@example.com", "--admin", socket});
  CHECK(told.exit_code == 0);
  CHECK(Holds(told.output, "otp-mailbox-30s is full: 1 of 1"));
  CHECK(Holds(told.output, "umbrella-mailbox-1h"));
  const auto json = production.Run({"limits", "explain", "ann@example.com", "--admin", socket, "--json"});
  CHECK(Json::Of(json.output)["accepted"].Size() == 1);
  CHECK(production.Run({"limits", "explain", "nobody", "--admin", socket}).exit_code == 2);
  CHECK(production.Run({"limits", "explain", "ann@example.com", "--admin", socket + "x"}).exit_code == 3);
  CHECK(Holds(production.Complaints(), "no answer from " + socket + "x: No such file or directory"));
  CHECK(Holds(production.Complaints(), "--admin PATH"));
}

TEST_CASE("a send that says no category has its key's, or the installation's, and none fails by one that is gone") {
  FakeSmtpServer relay;
  Production production(relay.port());
  const std::string plain = production.ReadConfig();
  const auto with = [&](const std::string& lines) {
    std::string config = plain;
    production.Write(config.replace(config.find("[limits]\n"), 9, "[limits]\n" + lines));
  };
  const std::string policy =
      production.folder().Write("limits.toml", "[categories.magic_link]\nlane = \"anonymous\"\nmailbox = [\"5/h\"]\n");
  with("default_category = \"receipt\"\npolicy_file = \"" + policy + "\"\n");
  const auto make = [&](const std::string& name, const std::string& category) {
    return production.Run({"keys", "create", "--config", production.config(), "--name", name, "--permission",
                           "full_access", "--category", category});
  };
  const auto made = make("before", "magic-link");
  REQUIRE(made.exit_code == 0);
  CHECK(make("misspelt", "magiclink").exit_code == 2);
  CHECK(Holds(production.Complaints(), "did you mean magic_link?"));
  const auto category = [](Sealpost& service, const std::string& key) {
    service.UseKey(key);
    return Email(service, Send(service, Message("ann@example.com")))["category"].Text();
  };
  const std::string key = made.output.substr(0, made.output.find('\n'));
  {
    Sealpost service = production.Start();
    CHECK(category(service, key) == "magic_link");
    CHECK(category(service, production.CreateKey()) == "receipt");
    CHECK(make("asked of the service", "recept").exit_code == 2);
    CHECK(Holds(production.Complaints(), "did you mean receipt?"));
    CHECK(service.Stop() == 0);
  }
  with("default_category = \"receipt\"\n");
  Sealpost service = production.Start();
  CHECK(category(service, key) == "receipt");
  CHECK(Holds(production.Complaints(), "default_category_unknown"));
}
