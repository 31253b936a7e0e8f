#include "api/app/config_schema.h"

#include <algorithm>
#include <vector>

#include "mailer/base/nearest.h"

namespace sealpost::app {

namespace {

// A key from the place of its member: get and set follow from the member's type.
template <class Section, class Member>
ConfigKey MakeConfigKey(std::string_view name, Section Config::* section, Member Section::* member) {
  return {name, [=](const Config& config) -> ConfigValue { return config.*section.*member; },
          [=](Config& config, const ConfigValue& value) {
            const auto* typed = std::get_if<Member>(&value);
            if (typed != nullptr) config.*section.*member = *typed;
            return typed != nullptr;
          }};
}

template <class Member>
ConfigKey MakeConfigKey(std::string_view name, Member Config::* member) {
  return {name, [=](const Config& config) -> ConfigValue { return config.*member; },
          [=](Config& config, const ConfigValue& value) {
            const auto* typed = std::get_if<Member>(&value);
            if (typed != nullptr) config.*member = *typed;
            return typed != nullptr;
          }};
}

std::vector<ConfigKey> MakeKeys() {
  using C = Config;
  return {
      MakeConfigKey("server.listen", &C::server, &C::Server::listen),
      MakeConfigKey("server.public_url", &C::server, &C::Server::public_url),
      MakeConfigKey("server.certificate_file", &C::server, &C::Server::certificate_file),
      MakeConfigKey("server.key_file", &C::server, &C::Server::key_file),
      MakeConfigKey("server.trusted_proxies", &C::server, &C::Server::trusted_proxies),
      MakeConfigKey("server.admin_socket", &C::server, &C::Server::admin_socket),
      MakeConfigKey("server.metrics_listen", &C::server, &C::Server::metrics_listen),
      MakeConfigKey("server.connections", &C::server, &C::Server::connections),
      MakeConfigKey("server.requests_per_second", &C::server, &C::Server::requests_per_second),
      MakeConfigKey("server.hsts", &C::server, &C::Server::hsts),
      MakeConfigKey("store.url", &C::store, &C::Store::url),
      MakeConfigKey("store.master_key_file", &C::store, &C::Store::master_key_file),
      MakeConfigKey("limits.store", &C::limits, &C::Limits::store),
      MakeConfigKey("limits.username", &C::limits, &C::Limits::username),
      MakeConfigKey("limits.password_file", &C::limits, &C::Limits::password_file),
      MakeConfigKey("limits.hmac_key_file", &C::limits, &C::Limits::hmac_key_file),
      MakeConfigKey("limits.policy_file", &C::limits, &C::Limits::policy_file),
      MakeConfigKey("limits.default_category", &C::limits, &C::Limits::default_category),
      MakeConfigKey("limits.attack_notice_from", &C::limits, &C::Limits::attack_notice_from),
      MakeConfigKey("delivery.mode", &C::delivery, &C::Delivery::mode),
      MakeConfigKey("delivery.relay", &C::delivery, &C::Delivery::relay),
      MakeConfigKey("delivery.relay_tls", &C::delivery, &C::Delivery::relay_tls),
      MakeConfigKey("delivery.relay_user", &C::delivery, &C::Delivery::relay_user),
      MakeConfigKey("delivery.relay_password_file", &C::delivery, &C::Delivery::relay_password_file),
      MakeConfigKey("delivery.relay_ca_file", &C::delivery, &C::Delivery::relay_ca_file),
      MakeConfigKey("delivery.relay_connections", &C::delivery, &C::Delivery::relay_connections),
      MakeConfigKey("delivery.helo", &C::delivery, &C::Delivery::helo),
      MakeConfigKey("delivery.retry_seconds", &C::delivery, &C::Delivery::retry_seconds),
      MakeConfigKey("delivery.sources", &C::delivery, &C::Delivery::sources),
      MakeConfigKey("dns.servers", &C::dns, &C::Dns::servers),
      MakeConfigKey("dns.suffix_list_file", &C::dns, &C::Dns::suffix_list_file),
      MakeConfigKey("dns.check_interval", &C::dns, &C::Dns::check_interval),
      MakeConfigKey("domains.require_verified", &C::sending, &C::Domains::require_verified),
      MakeConfigKey("domains.gate", &C::sending, &C::Domains::gate),
      MakeConfigKey("domains.gate_grace", &C::sending, &C::Domains::gate_grace),
      MakeConfigKey("log.level", &C::log_level),
  };
}

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const std::vector<ConfigKey> keys = MakeKeys();
  return keys;
}

const ConfigKey* FindKey(std::string_view name) {
  const auto& keys = ConfigKeys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::string NearestKey(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ConfigKey& key : ConfigKeys()) names.push_back(key.name);
  return std::string(base::Nearest(name, names));
}

}  // namespace sealpost::app
