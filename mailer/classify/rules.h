// The rules of classify as data. What a rule leaves empty fits anything; the first that fits decides.
#pragma once

#include <span>
#include <string_view>

#include "mailer/model/verdict.h"

namespace sealpost::classify {

// At which commands a rule holds.
enum class Scene {
  kAny,
  kSession,      // until AUTH: no message has been mentioned
  kTls,          // STARTTLS
  kAuth,         // AUTH
  kEnvelope,     // MAIL and RCPT: the server has not seen the content
  kRcpt,         // RCPT
  kRecipient,    // RCPT and after: the reply may be about the recipient
  kTransaction,  // MAIL and after
};

// Patterns and phrases are alternatives with | between them.
struct Rule {
  Scene scene = Scene::kAny;
  std::string_view codes;     // "550|551", "5??": ? stands for one digit
  std::string_view enhanced;  // "?.1.1|?.1.3" (RFC 3463)
  std::string_view phrases;   // in lower case, to be found anywhere in the text
  // What a 5xx means; a 4xx is always a deferral, with this scope and reason.
  model::VerdictKind kind = model::VerdictKind::kDefer;
  model::VerdictScope scope = model::VerdictScope::kSite;
  std::string_view reason;
};

// In order; the last fits everything.
std::span<const Rule> Rules();

}  // namespace sealpost::classify
