// What an installation keeps beside messages: keys, templates, topics, opt-outs, sender domains. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mailer/base/clock.h"

namespace sealpost::model {

enum class Permission { kFullAccess, kSendingAccess };

struct ApiKey {
  std::string id;
  std::string name;
  std::string token_hash;  // hex SHA-256 of the token; tokens have 256 random bits, so no slow hash is needed
  Permission permission = Permission::kSendingAccess;
  bool may_assert_trust = false;  // may send `trust`, `recipient_confirmed`, `workspace_verified`
  base::Time created_at;
  std::string category;  // of sends that say none; empty: none
};

struct TemplateVariable {
  std::string key;
  std::string type;      // string, number, boolean, object, list
  std::string fallback;  // JSON text; empty: none
  bool raw = false;      // not escaped in html
};

struct TemplateVersion {
  std::string id;
  std::string subject, from, html, text;
  std::vector<std::string> reply_to;
  std::vector<TemplateVariable> variables;
  std::string category;  // of sends with it that say none; empty: none
};

struct Template {
  std::string id;
  std::string name;
  std::string alias;  // may be empty; unique
  base::Time created_at, updated_at;
  std::optional<base::Time> published_at;
  TemplateVersion draft;
  std::optional<TemplateVersion> published;  // what sends use
};

struct Topic {
  std::string id;
  std::string name;                   // at most 50 characters
  std::string description;            // at most 200
  std::string default_subscription;   // opt_in or opt_out
  std::string visibility = "public";  // public or private
  base::Time created_at;
};

}  // namespace sealpost::model
