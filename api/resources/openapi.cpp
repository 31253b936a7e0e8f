#include "api/resources/openapi.h"

#include <string>

#include "api/resources/embedded.h"

namespace sealpost::resources {

void AddOpenApi(http::Router& router) {
  router.Add("GET", "/openapi.yaml", http::Access::kPublic, [](const http::Request&) {
    // The media type of RFC 9512; the text is the same until the program changes.
    return http::Response{.status = 200,
                          .content_type = "application/yaml",
                          .body = std::string(kOpenapiYaml),
                          .headers = {{"Cache-Control", "public, max-age=300"}}};
  });
}

}  // namespace sealpost::resources
