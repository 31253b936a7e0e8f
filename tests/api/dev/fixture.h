// The development parts wired together as the program does it, with a router to ask.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "api/dev/catcher.h"
#include "api/dev/routes.h"
#include "mailer/dkim/signer.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

struct NoKeys final : sealpost::http::KeyBook {
  std::optional<sealpost::model::ApiKey> Find(std::string_view) const override { return std::nullopt; }
};

struct Fixture {
  Fixture()
      : inbox(Made(sealpost::dev::InboxStore::Open(folder.path() + "/inbox", clock))),
        keyring(Made(sealpost::dev::DevKeyring::Open(folder.path() + "/dkim"))) {
    sealpost::dev::AddDevRoutes(
        router, {*inbox, script, zone, [](const std::string& from) { return from == "verp" ? "email-1" : ""; },
                 "http://127.0.0.1:8025"});
  }

  template <class T>
  static T Made(sealpost::base::Result<T> result) {
    REQUIRE(result);
    return std::move(*result);
  }

  sealpost::http::Response Ask(const std::string& method, const std::string& path,
                               std::map<std::string, std::string, std::less<>> query = {}, std::string body = "") {
    sealpost::http::Request request;
    request.method = method;
    request.path = path;
    request.query = std::move(query);
    request.body = std::move(body);
    return router.Dispatch(request).response;
  }

  // Signed like what leaves the house.
  std::string Signed(const std::string& message) {
    const auto signing = keyring->KeysFor("acme.example");
    return Made(sealpost::dkim::Sign(message, signing, clock.Now())) + message;
  }
  std::string Catch(const std::string& raw, std::vector<std::string> recipients = {"you@example.com"},
                    const std::string& tls = "") {
    clock.Advance(sealpost::base::Millis(1));
    return Made(inbox->Add({.peer = "127.0.0.1:9",
                            .helo = "client",
                            .tls = tls,
                            .mail_from = "verp",
                            .recipients = std::move(recipients)},
                           raw))
        .id;
  }

  sealpost::tests::TempFolder folder;
  sealpost::tests::ManualClock clock{std::chrono::floor<sealpost::base::Millis>(std::chrono::system_clock::now())};
  sealpost::base::Log log{sealpost::base::LogLevel::kOff};
  std::unique_ptr<sealpost::dev::InboxStore> inbox;
  std::unique_ptr<sealpost::dev::DevKeyring> keyring;
  sealpost::dev::Script script;
  sealpost::dev::Zone zone{*keyring, *inbox};
  NoKeys no_keys;
  sealpost::http::Router router{no_keys};
};

inline const std::string kMail =
    "From: Acme <hello@acme.example>\r\nTo: you@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Date: Mon, 23 Nov 2026 10:15:30 +0000\r\nMessage-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/html; charset=utf-8\r\n\r\n<p>It <b>works</b>.</p>\r\n";
