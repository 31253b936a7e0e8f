#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "api/app/table.h"
#include "mailer/base/json.h"
#include "mailer/net/http_client.h"

namespace sealpost::app {

namespace {

struct ExplainOptions {
  std::string address, admin;
  bool json = false;
};

// Every byte but letters and digits: an address may hold "/", "?" and "%".
std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    encoded += plain ? std::string(1, c) : std::string{'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return encoded;
}

std::string TextOf(base::JsonView value) {
  return std::string(value.String().value_or(""));
}

std::string NumberOf(base::JsonView value) {
  return std::to_string(value.Integer().value_or(0));
}

void PrintRules(base::JsonView root) {
  Table table({"RULE", "SCOPE", "USED", "LIMIT", "ROOM AGAIN", "MODE"});
  root["rules"].ForEachElement([&](std::size_t, base::JsonView rule) {
    if (rule["used"].Integer().value_or(0) == 0) return true;
    table.Add({TextOf(rule["policy"]), TextOf(rule["scope"]), NumberOf(rule["used"]), NumberOf(rule["limit"]),
               TextOf(rule["reset_at"]), TextOf(rule["mode"])});
    return true;
  });
  std::printf("\n%s", table.Text().c_str());
}

void PrintAccepted(base::JsonView root) {
  constexpr std::size_t kShown = 10;
  Table table({"ACCEPTED", "CATEGORY", "LANE", "MESSAGES"});
  root["accepted"].ForEachElement([&](std::size_t index, base::JsonView sent) {
    table.Add({TextOf(sent["at"]), TextOf(sent["category"]), TextOf(sent["lane"]), NumberOf(sent["count"])});
    return index + 1 < kShown;
  });
  std::printf("\n%s", table.Text().c_str());
}

void PrintEvents(base::JsonView root) {
  constexpr std::size_t kShown = 5;
  if (root["events"].Size() == 0) return;
  Table table({"TOLD", "EVENT"});
  root["events"].ForEachElement([&](std::size_t index, base::JsonView event) {
    table.Add({TextOf(event["at"]), TextOf(event["kind"])});
    return index + 1 < kShown;
  });
  std::printf("\n%s", table.Text().c_str());
}

void PrintLimits(base::JsonView root) {
  std::printf("%s  (normalised by %s, %s)\n", Printable(TextOf(root["mailbox"])).c_str(),
              Printable(TextOf(root["normalised_by"])).c_str(),
              root["confirmed"].Bool().value_or(false) ? "confirmed" : "unconfirmed");
  if (root["degraded"].Bool().value_or(false))
    std::printf("Redis is away: this is what the process knows by itself.\n");
  if (root["why"].Size() == 0) std::printf("Nothing refuses.\n");
  root["why"].ForEachElement([](std::size_t, base::JsonView sentence) {
    std::printf("%s\n", Printable(TextOf(sentence)).c_str());
    return true;
  });
  PrintEvents(root);
  if (root["accepted"].Size() == 0) return;
  PrintRules(root);
  PrintAccepted(root);
}

int Explain(const ExplainOptions& options) {
  const std::string path = "/x/recipients/" + PercentEncode(options.address) + "/limits";
  net::HttpCall call;
  call.unix_socket = options.admin;
  call.url = "http://localhost" + path;
  const auto answer = net::Call(call);
  if (!answer) {
    return Complain(kCouldNotTell, answer.error().message +
                                       ". Name the socket of a running `sealpost serve` (server.admin_socket of "
                                       "its configuration) by --admin PATH. A `sealpost dev` has none: ask it GET " +
                                       path + " over HTTP.");
  }
  const auto document = base::JsonDocument::Parse(answer->body);
  if (!document) return Complain(kCouldNotTell, "the service answers no JSON");
  if (answer->status != 200)
    return Complain(answer->status == 422 ? kUsage : kCouldNotTell, TextOf(document->Root()["message"]));
  if (options.json) {
    std::printf("%s\n", answer->body.c_str());
  } else {
    PrintLimits(document->Root());
  }
  return kOk;
}

}  // namespace

void AddLimitsExplain(CLI::App& limits, int& exit_code) {
  CLI::App* explain = limits.add_subcommand("explain", "What counts for one mailbox, and what refuses it");
  auto options = std::make_shared<ExplainOptions>();
  explain->add_option("address", options->address, "A mail address in any spelling")->required();
  explain->add_option("--admin", options->admin, "Admin socket of the running service")
      ->default_val("/run/sealpost/admin.sock");
  explain->add_flag("--json", options->json, "The answer of the service as it is");
  explain->callback([options, &exit_code] { exit_code = Explain(*options); });
}

}  // namespace sealpost::app
