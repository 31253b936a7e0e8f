// A running server with small limits and a few routes, for the tests of server.cpp.
#pragma once

#include "api/http/server.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::http;
using namespace std::chrono_literals;
using tests::HttpClient;
using tests::HttpReply;
using tests::RawConnection;
using tests::ReadReply;

namespace {

struct OneKey final : KeyBook {
  std::optional<model::ApiKey> Find(std::string_view token) const override {
    return token == "key" ? std::optional(model::ApiKey{}) : std::nullopt;
  }
};

// A server with a few routes; the options are the test's.
struct House {
  OneKey keys;
  Router router{keys};
  base::SystemClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  std::atomic<int> calls = 0;
  std::unique_ptr<Server> server;

  explicit House(ServerOptions options = {}) {
    router.Add("POST", "/echo", Access::kPublic, [this](const Request& request) {
      ++calls;
      return Response{.content_type = "text/plain", .body = request.body};
    });
    router.Add("GET", "/who", Access::kPublic, [this](const Request& request) {
      ++calls;
      return Response{.content_type = "text/plain", .body = request.client + (request.secure ? " secure" : " plain")};
    });
    router.Add("GET", "/large", Access::kPublic,
               [](const Request&) { return Response{.body = std::string(8u << 20, 'x')}; });
    if (options.listen == ServerOptions().listen) options.listen = "127.0.0.1:0";
    auto started = Server::Start(std::move(options), router, clock, log, metrics);
    REQUIRE_MESSAGE(started.has_value(), started.error().message);
    server = std::move(*started);
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(server->port()); }
  RawConnection Connect() const { return RawConnection(port()); }
};

std::string Post(const std::string& body, const std::string& fields = "") {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

inline std::size_t Count(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool Names(const HttpReply& reply, std::string_view name) {
  return reply.body.find("\"name\":\"" + std::string(name) + "\"") != std::string::npos;
}

}  // namespace
