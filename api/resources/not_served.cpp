#include "api/resources/not_served.h"

#include <string>
#include <string_view>

namespace sealpost::resources {

namespace {

struct Missing {
  std::string_view method;
  std::string_view pattern;
  std::string_view feature;
};

constexpr Missing kMissing[] = {
    {"GET", "/emails", "Listing emails"},
    {"POST", "/emails/{id}/share", "Sharing an email"},
    {"GET", "/emails/metrics", "Email metrics as JSON (see /metrics)"},
    {"GET", "/emails/receiving", "Receiving email"},
    {"GET", "/emails/{id}/attachments", "Reading attachments back"},
    {"GET", "/emails/{id}/attachments/{attachment_id}", "Reading attachments back"},
    {"DELETE", "/templates/{id}", "Deleting a template"},
    {"POST", "/templates/{id}/duplicate", "Duplicating a template"},
    {"PATCH", "/topics/{id}", "Changing a topic"},
    {"DELETE", "/topics/{id}", "Deleting a topic"},
    {"POST", "/domains", "Managing domains over HTTP (see the configuration)"},
    {"GET", "/domains", "Managing domains over HTTP (see the configuration)"},
    {"GET", "/domains/{id}", "Managing domains over HTTP (see the configuration)"},
    {"PATCH", "/domains/{id}", "Managing domains over HTTP (see the configuration)"},
    {"DELETE", "/domains/{id}", "Managing domains over HTTP (see the configuration)"},
    {"POST", "/domains/{id}/verify", "Managing domains over HTTP (see the configuration)"},
    {"PATCH", "/api-keys/{id}", "Managing API keys over HTTP (see sealpost keys)"},
    {"DELETE", "/api-keys/{id}", "Managing API keys over HTTP (see sealpost keys)"},
    {"POST", "/api-keys", "Managing API keys over HTTP (see sealpost keys)"},
    {"GET", "/api-keys", "Managing API keys over HTTP (see sealpost keys)"},
    {"POST", "/webhooks", "Webhooks"},
    {"GET", "/webhooks", "Webhooks"},
    {"GET", "/webhooks/{id}", "Webhooks"},
    {"PATCH", "/webhooks/{id}", "Webhooks"},
    {"DELETE", "/webhooks/{id}", "Webhooks"},
    {"POST", "/webhooks/{id}/signing-secret/rotate", "Webhooks"},
    {"GET", "/webhooks/{id}/events", "Webhooks"},
    {"GET", "/contacts/{id}", "Contacts"},
    {"PATCH", "/contacts/{id}", "Contacts"},
    {"DELETE", "/contacts/{id}", "Contacts"},
    {"GET", "/contacts/{id}/topics", "Contacts"},
    {"PATCH", "/contacts/{id}/topics", "Contacts"},
    {"POST", "/contacts", "Contacts"},
    {"GET", "/contacts", "Contacts"},
    {"POST", "/suppressions", "The suppression list"},
    {"GET", "/suppressions", "The suppression list"},
    {"GET", "/suppressions/{id}", "The suppression list"},
    {"DELETE", "/suppressions/{id}", "The suppression list"},
    {"POST", "/suppressions/batch/add", "The suppression list"},
    {"POST", "/suppressions/batch/remove", "The suppression list"},
    {"POST", "/audiences", "Audiences"},
    {"GET", "/audiences", "Audiences"},
    {"POST", "/segments", "Segments"},
    {"GET", "/segments", "Segments"},
    {"POST", "/broadcasts", "Broadcasts"},
    {"GET", "/broadcasts", "Broadcasts"},
    {"GET", "/logs/{id}", "Request logs"},
    {"GET", "/logs", "Request logs"},
    {"GET", "/usage", "Usage"},
    {"GET", "/x/preferences/{address}", "A recipient's preferences"},
    {"POST", "/x/templates/{id}/render", "Rendering without sending"},
    {"POST", "/x/bounces", "Taking in bounces"},
};

}  // namespace

void AddNotServed(http::Router& router) {
  for (const Missing& missing : kMissing) {
    const std::string message = std::string(missing.feature) + " is not served by this version.";
    router.Add(missing.method, missing.pattern, http::Access::kSend, [message](const http::Request& request) {
      return ToResponse({404, http::Name::kNotFound, message}, request);
    });
  }
}

}  // namespace sealpost::resources
