// Method and path to handler. Literal segments win over {parameters}, whatever the method. Knows who may call what.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace sealpost::http {

enum class Access {
  kPublic,  // no key: health, pages
  kSend,    // any key
  kFull,    // a key with full_access (401 restricted_api_key otherwise)
};

using Handler = std::function<Response(const Request&)>;

// Who is behind a token; nothing if unknown. Thread safe.
class KeyBook {
 public:
  virtual ~KeyBook() = default;
  virtual std::optional<model::ApiKey> Find(std::string_view token) const = 0;
};

// Built at start, then read-only and thread safe.
class Router {
 public:
  explicit Router(const KeyBook& keys) : keys_(&keys) {}
  // Pattern such as "/emails/{id}/cancel". The same pattern and method twice is a fault of ours (throws).
  void Add(std::string_view method, std::string_view pattern, Access access, Handler handler);

  struct Served {
    std::string method = {}, pattern = {};
    Access access = Access::kPublic;
  };
  // Every route, in the order in which they are tried.
  std::vector<Served> Routes() const;

  struct Match {
    std::string pattern = {};  // for logs and metrics, never the path itself; empty if no route has this path
    Response response = {};
    std::string fault = {};  // what a throwing handler said; for the log only
  };
  // Finds, authenticates, calls. 404 not_found, 405 method_not_allowed (with Allow), 401 missing_api_key,
  // 403 invalid_api_key; HEAD is served by GET without its body, OPTIONS lists the methods. A handler that throws
  // gives 500 internal_server_error.
  Match Dispatch(Request& request) const;

 private:
  struct Route {
    std::string method, pattern;
    std::vector<std::string> segments;
    std::string kinds;  // one letter a segment, 'L' literal or 'P' parameter: literals sort first
    Access access;
    Handler handler;
  };
  Response Call(const Route& route, Request& request, std::string& fault) const;
  const KeyBook* keys_;
  std::vector<Route> routes_;
};

}  // namespace sealpost::http
