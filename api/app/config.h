// The configuration of `sealpost serve`: one TOML file, strict. Unknown keys are errors that name the nearest key;
// SEALPOST__SECTION__KEY in the environment overrides a key; secrets come only from files.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::app {

struct DkimKeyFile {
  std::string selector;
  std::string key_file;
};

struct DeclaredDomain {
  std::string name;         // lower-case A-label
  std::string return_path;  // "bounce." + name unless configured
  std::vector<DkimKeyFile> dkim;
};

struct Config {
  struct Server {
    std::string listen = "127.0.0.1:8025";
    std::string public_url;  // https, no path, no trailing slash
    std::string certificate_file, key_file;
    std::vector<std::string> trusted_proxies;
    std::string admin_socket = "/run/sealpost/admin.sock";
    std::string metrics_listen;  // empty: only on the admin socket
    std::int64_t connections = 2048;
    std::int64_t requests_per_second = 5000;  // of one API key
    bool hsts = false;                        // two years of https only, also after this service is gone
  } server;
  struct Store {
    std::string url = "sqlite:///var/lib/sealpost/sealpost.db";
    std::string master_key_file = "/var/lib/sealpost/master.key";  // signs tokens; made at first start
  } store;
  struct Limits {
    std::string store = "redis://127.0.0.1:6379/0";  // or redis+unix:///path, or memory
    std::string username, password_file;
    std::string hmac_key_file = "/var/lib/sealpost/limits.key";  // hides mailboxes in Redis; made at first start
    std::string policy_file;                                     // empty: the shipped policy
    std::string default_category;                                // of sends that say none; empty: uncategorized
    std::string attack_notice_from;  // From of the one notice to the victim of an attack; empty: none is sent
  } limits;
  struct Delivery {
    std::string mode = "relay";
    std::string relay;      // smtp://host:port or smtps://host:port
    std::string relay_tls;  // required, opportunistic, none; empty: see RelayTls
    std::string relay_user, relay_password_file;
    std::string relay_ca_file;  // empty: the system's
    std::int64_t relay_connections = 4;
    std::string helo;
    std::vector<std::int64_t> retry_seconds;  // empty: the shipped schedule
    std::vector<std::string> sources;  // addresses that receivers see our mail come from: SPF and PTR are checked
  } delivery;
  struct Dns {
    std::vector<std::string> servers;     // HOST or HOST:PORT; empty: the system's
    std::string suffix_list_file;         // a public suffix list newer than the system's
    std::int64_t check_interval = 3'600;  // seconds between two looks at a domain's records
  } dns;
  struct Domains {
    bool require_verified = true;      // false: other sender domains are accepted and leave unsigned
    std::string gate = "warn";         // what follows from records that fail: off, warn, block
    std::int64_t gate_grace = 86'400;  // seconds that records may fail before "block" refuses mail
  } sending;
  std::vector<DeclaredDomain> domains;
  std::string log_level = "info";  // debug, info, warn, error
};

// The TLS demand towards the relay: as configured, otherwise "required", but "opportunistic" for a relay on loopback,
// where there is no network to listen on.
std::string RelayTls(const Config& config);

// Reads, overrides from the environment, checks. Errors name file, key and remedy.
base::Result<Config> LoadConfig(const std::string& path);
// The effective configuration as TOML; it holds no secrets, only the names of their files.
std::string PrintConfig(const Config& config);

}  // namespace sealpost::app
