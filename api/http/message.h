// A whole HTTP request and a whole answer as plain values. Handlers never see a socket.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mailer/model/account.h"

namespace sealpost::http {

struct CaseInsensitive {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const;
};

struct Request {
  std::string id = {};  // UUIDv7, also sent as X-Request-Id
  std::string method = {};
  std::string path = {};  // percent-decoded, repeated slashes collapsed, no trailing slash but for "/"
  std::map<std::string, std::string, std::less<>> query = {};
  std::map<std::string, std::string, CaseInsensitive> headers = {};
  std::string body = {};
  std::string client = {};  // address of the client, from X-Forwarded-For only behind a trusted proxy
  bool secure = false;      // came over TLS, here or at a trusted proxy

  // The path split at "/" before decoding, so that "%2F" stays inside its segment. Empty: the router splits `path`.
  std::vector<std::string> segments = {};

  // Filled by the router.
  std::map<std::string, std::string, std::less<>> parameters = {};  // "/emails/{id}" => id
  std::optional<model::ApiKey> caller = {};

  std::string_view Header(std::string_view name) const;  // "" if absent
  std::string_view Query(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

}  // namespace sealpost::http
