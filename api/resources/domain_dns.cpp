#include "api/resources/domain_dns.h"

#include <string_view>
#include <utility>

#include "mailer/model/address.h"

namespace sealpost::resources {

namespace {

http::Response RefuseRequest(const http::Request& request, int status, http::Name name, std::string message) {
  return ToResponse({status, name, std::move(message)}, request);
}

http::Response Get(const DomainDnsParts& parts, const http::Request& request) {
  if (!parts.read) {
    return RefuseRequest(request, 404, http::Name::kNotFound,
                         "The DNS report needs a name server to ask: start `sealpost dev` with --dns 127.0.0.1:PORT.");
  }
  const std::string_view fresh = request.Query("fresh");
  if (!fresh.empty() && fresh != "true" && fresh != "false")
    return RefuseRequest(request, 422, http::Name::kInvalidParameter, "`fresh` is true or false.");
  const auto domain = model::ToAsciiDomain(request.parameters.at("id"));
  // What is no domain is not declared either.
  if (!domain)
    return RefuseRequest(request, 404, http::Name::kNotFound, "This is no domain name: " + domain.error().message);
  auto answer = parts.read(*domain, fresh == "true");
  if (answer) return {200, "application/json", std::move(*answer), {}};
  if (answer.error().kind == base::ErrorKind::kUnavailable)
    return RefuseRequest(request, 503, http::Name::kInternalServerError, answer.error().message);
  return ToResponse(http::FromError(answer.error()), request);
}

}  // namespace

void AddDomainDns(http::Router& router, DomainDnsParts parts) {
  KeyRate& key_rate = parts.key_rate;
  router.Add("GET", "/x/domains/{id}/dns", http::Access::kFull,
             key_rate.Wrap([parts = std::move(parts)](const http::Request& request) { return Get(parts, request); }));
}

}  // namespace sealpost::resources
