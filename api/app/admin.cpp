#include "api/app/admin.h"

#include "mailer/base/json.h"
#include "mailer/store/keys.h"
#include "mailer/submit/default_category.h"

namespace sealpost::app {

base::Result<model::Permission> ParsePermission(std::string_view text) {
  if (text == "full_access") return model::Permission::kFullAccess;
  if (text == "sending_access") return model::Permission::kSendingAccess;
  return base::Fail(base::ErrorKind::kInvalid, "permission is full_access or sending_access");
}

base::Result<NewKey> CreateKey(store::Database& database, const KeyWish& wish, const ratelimit::Policy& policy,
                               base::Time now) {
  if (wish.name.empty() || wish.name.size() > 50)
    return base::Fail(base::ErrorKind::kInvalid, "a key's name has 1 to 50 characters");
  const auto permission = ParsePermission(wish.permission);
  if (!permission) return std::unexpected(permission.error());
  auto category = submit::CheckDefaultCategory(wish.category, policy);
  if (!category) return base::Fail(base::ErrorKind::kInvalid, "category: " + category.error().message, "category");
  NewKey made = MakeKey(wish.name, *permission, wish.assert_trust, now);
  made.key.category = std::move(*category);
  const auto written = database.Write([&](store::Session& session) { return store::InsertKey(session, made.key); });
  if (!written) return std::unexpected(written.error());
  return made;
}

void AddAdminRoutes(http::Router& router, Service& service, const base::Clock& clock) {
  router.Add("POST", "/admin/keys", http::Access::kPublic, [&service, &clock](const http::Request& request) {
    const auto document = base::JsonDocument::Parse(request.body);
    if (!document) return ToResponse({400, http::Name::kValidationError, document.error().message}, request);
    const base::JsonView root = document->Root();
    const KeyWish wish{
        std::string(root["name"].String().value_or("")), std::string(root["permission"].String().value_or("")),
        root["assert_trust"].Bool().value_or(false), std::string(root["category"].String().value_or(""))};
    auto made = CreateKey(service.database(), wish, service.policy(), clock.Now());
    if (!made) return ToResponse(http::FromError(made.error()), request);
    base::JsonWriter writer;
    writer.BeginObject().Key("id").String(made->key.id).Key("token").String(made->token).EndObject();
    service.keys().Add(std::move(made->key));
    return http::Response{201, "application/json", writer.Take(), {}};
  });
  resources::AddRecipientLimitsReading(router, "/x/recipients/{address}/limits", service.RecipientLimits());
  resources::AddMetrics(router, service.metrics());
  resources::AddHealth(router, [&service] { return service.Health(); });
}

}  // namespace sealpost::app
