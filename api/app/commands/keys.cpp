#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/admin.h"
#include "api/app/commands/commands.h"
#include "api/app/config.h"
#include "api/app/folders.h"
#include "api/app/policy_file.h"
#include "mailer/base/json.h"
#include "mailer/net/http_client.h"

namespace sealpost::app {

namespace {

struct KeysOptions {
  std::string config, admin, name, category, permission = "sending_access";
  bool assert_trust = false;
};

// Through the running service, which owns the store. Nothing if no service listens there.
std::optional<base::Result<std::string>> AskService(const std::string& socket, const KeysOptions& options) {
  base::JsonWriter writer;
  writer.BeginObject().Key("name").String(options.name).Key("permission").String(options.permission);
  writer.Key("assert_trust").Bool(options.assert_trust).Key("category").String(options.category).EndObject();
  net::HttpCall call;
  call.method = "POST";
  call.unix_socket = socket;
  call.url = "http://localhost/admin/keys";
  call.headers = {{"Content-Type", "application/json"}};
  call.body = writer.Take();
  const auto answer = net::Call(call);
  if (!answer) return std::nullopt;
  const auto document = base::JsonDocument::Parse(answer->body);
  if (answer->status == 201 && document) return std::string(document->Root()["token"].String().value_or(""));
  const std::string message = document ? std::string(document->Root()["message"].String().value_or("")) : std::string();
  return base::Fail(base::ErrorKind::kInvalid, "the service refused: " + message);
}

base::Result<std::string> Create(const KeysOptions& options) {
  const auto config = LoadConfig(options.config);
  if (!config) return std::unexpected(config.error());
  const std::string socket = options.admin.empty() ? config->server.admin_socket : options.admin;
  if (auto asked = AskService(socket, options)) return std::move(*asked);
  // No service: open the store, under the lock that a service would hold.
  if (auto made = MakeFolders(*config); !made) return std::unexpected(made.error());
  base::Log log(base::LogLevel::kWarn);
  store::Options store;
  store.url = config->store.url;
  auto database = store::Database::Open(store, log);
  if (!database) return std::unexpected(database.error());
  const auto limits = ReadPolicy(config->limits.policy_file);
  if (!limits) return std::unexpected(limits.error());
  auto made = CreateKey(**database, {options.name, options.permission, options.assert_trust, options.category},
                        limits->policy, base::SystemClock().Now());
  if (!made) return std::unexpected(made.error());
  return std::move(made->token);
}

}  // namespace

void AddKeys(CLI::App& app, int& exit_code) {
  CLI::App* keys = app.add_subcommand("keys", "API keys");
  keys->require_subcommand(1);
  auto options = std::make_shared<KeysOptions>();
  CLI::App* create = keys->add_subcommand("create", "Make an API key and print its token, once");
  create->add_option("--config", options->config, "Configuration of the service")->required();
  create->add_option("--name", options->name, "What the key is for")->required();
  create->add_option("--permission", options->permission, "full_access or sending_access")->capture_default_str();
  create->add_flag("--assert-trust", options->assert_trust,
                   "May assert trust, recipient_confirmed and workspace_verified");
  create->add_option("--category", options->category, "Category of its sends that say none");
  create->add_option("--admin", options->admin, "Admin socket, if not the configured one");
  create->callback([options, &exit_code] {
    const auto token = Create(*options);
    if (!token) {
      exit_code = Complain(token.error());
      return;
    }
    std::printf("%s\n", token->c_str());
  });
}

}  // namespace sealpost::app
