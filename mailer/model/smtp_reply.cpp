#include "mailer/model/smtp_reply.h"

namespace sealpost::model {

const char* StageName(SmtpStage stage) {
  switch (stage) {
    case SmtpStage::kConnect:
      return "connect";
    case SmtpStage::kGreeting:
      return "greeting";
    case SmtpStage::kEhlo:
      return "ehlo";
    case SmtpStage::kStartTls:
      return "starttls";
    case SmtpStage::kAuth:
      return "auth";
    case SmtpStage::kMail:
      return "mail";
    case SmtpStage::kRcpt:
      return "rcpt";
    case SmtpStage::kData:
      return "data";
    case SmtpStage::kBody:
      return "body";
  }
  return "connect";
}

std::string SmtpReply::ToString() const {
  std::string words = code == 0 ? std::string() : std::to_string(code);
  for (const std::string* word : {&enhanced, &text}) {
    if (word->empty()) continue;
    if (!words.empty()) words += ' ';
    words += *word;
  }
  return words;
}

}  // namespace sealpost::model
