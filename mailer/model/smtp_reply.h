// What an SMTP server answered (RFC 5321 4.2), and at which point of the dialogue.
#pragma once

#include <string>

namespace sealpost::model {

enum class SmtpStage { kConnect, kGreeting, kEhlo, kStartTls, kAuth, kMail, kRcpt, kData, kBody };

// "connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body".
const char* StageName(SmtpStage stage);

struct SmtpReply {
  int code = 0;          // 0: no answer came (connection lost, time over); `text` says why
  std::string enhanced;  // "5.1.1" (RFC 3463), empty if the server gave none
  std::string text;      // lines joined by a space, control characters replaced, 500 bytes at most
  SmtpStage stage = SmtpStage::kConnect;

  // "550 5.1.1 No such user" as people write it.
  std::string ToString() const;
};

}  // namespace sealpost::model
