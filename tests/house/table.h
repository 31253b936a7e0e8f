// The plan of the house as data: which floor a folder stands on, and the one door of each foreign library.
#pragma once

#include <array>
#include <string_view>

namespace sealpost::tests::house {

struct Room {
  std::string_view folder;
  int floor;
  bool leaf = false;  // includes no other room, not even on floor 1
};

// A file belongs to the longest folder of this table that holds it.
constexpr std::array kRooms = {
    Room{"api/app", 9},         Room{"api/resources", 8},   Room{"api/pages", 8},         Room{"api/dev", 8},
    Room{"api/http", 7},        Room{"mailer/queue", 6},    Room{"mailer/submission", 6}, Room{"mailer/submit", 5},
    Room{"mailer/bounces", 5},  Room{"mailer/delivery", 5}, Room{"mailer/smtpd", 4},      Room{"mailer/recipients", 4},
    Room{"mailer/webhooks", 4}, Room{"mailer/domains", 4},  Room{"mailer/message", 3},    Room{"mailer/dkim", 3},
    Room{"mailer/store", 3},    Room{"mailer/net", 3},      Room{"mailer/classify", 3},   Room{"mailer/model", 2},
    Room{"mailer/base", 1},     Room{"dns", 1, true},       Room{"templates", 1, true},   Room{"ratelimit", 1, true},
};

struct Door {
  std::string_view header;  // how the header begins
  std::string_view path;    // how the file that may include it begins; "" is everywhere
};

// Every header of a library that matches here must match with a path, too; of a library's lines the ones that begin
// longest count.
constexpr std::array kDoors = {
    Door{"Poco/Net/", "api/http/"},
    Door{"Poco/Data/", "mailer/store/"},
    Door{"Poco/", "api/http/"},
    Door{"Poco/", "mailer/store/"},
    Door{"sqlite3.h", "mailer/store/"},
    Door{"curl/", "mailer/net/"},
    Door{"ares", "dns/cares_resolver."},
    Door{"libpsl.h", "dns/public_suffix."},
    Door{"idn2.h", "dns/"},
    Door{"idn2.h", "mailer/model/address."},
    Door{"idn2.h", "ratelimit/identity."},
    Door{"hiredis/", "ratelimit/redis_connection."},
    Door{"openssl/", "mailer/base/crypto."},
    Door{"openssl/", "mailer/base/tls_files."},
    Door{"openssl/", "mailer/dkim/key."},
    Door{"openssl/", "mailer/net/"},
    Door{"openssl/", "mailer/smtpd/"},
    Door{"openssl/", "dns/key_material."},
    Door{"openssl/", "ratelimit/identity."},
    Door{"openssl/", "ratelimit/redis_pipeline."},
    Door{"opendkim/", "mailer/dkim/verifier."},
    Door{"opendkim/", "mailer/dkim/opendkim_shim."},
    Door{"simdjson", "mailer/base/json."},
    Door{"gmime/", "mailer/bounces/report_parser."},
    Door{"spdlog/", "mailer/base/log."},
    Door{"prometheus/", "mailer/base/metrics."},
    Door{"fmt/", ""},
    Door{"CLI/", "api/app/"},
    Door{"toml++/", "api/app/"},
};

// Headers of C and of the system. Those of C++ have neither a folder nor an ending.
constexpr std::array<std::string_view, 7> kSystemFolders = {"arpa/",    "asm/", "bits/", "linux/",
                                                            "netinet/", "net/", "sys/"};
constexpr std::array<std::string_view, 30> kSystemHeaders = {
    "assert.h", "ctype.h",   "dirent.h",    "errno.h",   "fcntl.h",  "getopt.h", "grp.h",    "limits.h",
    "locale.h", "netdb.h",   "poll.h",      "pthread.h", "pwd.h",    "regex.h",  "resolv.h", "sched.h",
    "signal.h", "spawn.h",   "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",  "stdlib.h",
    "string.h", "strings.h", "sysexits.h",  "termios.h", "time.h",   "unistd.h"};

constexpr std::size_t kFileLines = 400;
constexpr std::size_t kReadmeLines = 40;

}  // namespace sealpost::tests::house
