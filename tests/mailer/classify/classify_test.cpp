#include "mailer/classify/classify.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sealpost::classify {
namespace {

using model::SmtpReply;
using model::SmtpStage;
using enum model::SmtpStage;

const std::vector<SmtpStage> kBeforeMail = {kConnect, kGreeting, kEhlo, kStartTls, kAuth};
const std::vector<SmtpStage> kFromMail = {kMail, kRcpt, kData, kBody};

// "bounce recipient invalid_recipient"
std::string Told(const model::Verdict& verdict) {
  constexpr const char* kKinds[] = {"delivered", "defer", "bounce", "uncertain"};
  constexpr const char* kScopes[] = {"none", "site", "message", "recipient"};
  return std::string(kKinds[static_cast<int>(verdict.kind)]) + " " + kScopes[static_cast<int>(verdict.scope)] + " " +
         verdict.reason;
}

// "550 5.1.1 No such user" as it stands on the wire.
SmtpReply Reply(SmtpStage stage, std::string_view line) {
  SmtpReply reply;
  reply.stage = stage;
  reply.code = std::stoi(std::string(line.substr(0, 3)));
  std::string_view rest = line.size() > 4 ? line.substr(4) : std::string_view();
  const std::string_view first = rest.substr(0, rest.find(' '));
  if (first.size() >= 5 && first[1] == '.' && first.find_first_not_of("0123456789.") == first.npos) {
    reply.enhanced = first;
    rest.remove_prefix(first.size());
    if (!rest.empty()) rest.remove_prefix(1);
  }
  reply.text = rest;
  return reply;
}

std::string At(SmtpStage stage, std::string_view line) {
  return Told(Classify(Reply(stage, line), false));
}

struct Case {
  const char* line;
  const char* verdict;
};

void CheckAt(SmtpStage stage, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CAPTURE(one.line);
    CHECK(At(stage, one.line) == one.verdict);
  }
}

TEST_CASE("only a 2xx after the body is a delivery") {
  for (const int code : {200, 250, 251, 252, 299}) {
    CHECK(At(kBody, std::to_string(code) + " 2.0.0 Ok") == "delivered none none");
    for (const SmtpStage stage : {kConnect, kGreeting, kEhlo, kStartTls, kAuth, kMail, kRcpt, kData}) {
      CHECK(At(stage, std::to_string(code) + " Ok") == "defer site protocol");
    }
  }
  CHECK(At(kBody, "354 go on") == "defer site protocol");
  CHECK(At(kBody, "100 ?") == "defer site protocol");
  CHECK(At(kRcpt, "600 ?") == "defer site protocol");
}

TEST_CASE("no answer after the body is uncertain, whatever else is known") {
  CHECK(Told(Classify({0, "", "timeout", kBody}, true)) == "uncertain message uncertain");
  CHECK(Told(Classify({421, "4.4.2", "bye", kBody}, true)) == "uncertain message uncertain");
}

TEST_CASE("no answer before that is a lost connection") {
  for (const SmtpStage stage : {kConnect, kGreeting, kEhlo, kAuth, kMail, kRcpt, kData, kBody}) {
    CHECK(Told(Classify({0, "", "550 5.1.1 user unknown, says the log", stage}, false)) == "defer site connection");
  }
  CHECK(Told(Classify({0, "", "certificate expired", kStartTls}, false)) == "defer site tls_policy");
}

TEST_CASE("everything before MAIL waits and is the site's affair") {
  for (const SmtpStage stage : kBeforeMail) {
    for (const char* line :
         {"554 5.7.1 No SMTP service here", "550 5.1.1 user unknown", "521 host does not accept mail", "500 what",
          "421 4.7.0 too many connections", "451 4.7.1 greylisted", "552 5.2.2 full", "550 5.7.26 dmarc",
          "554 5.6.0 virus", "503 5.5.1 bad sequence"}) {
      CAPTURE(line);
      CHECK(At(stage, line).starts_with("defer site "));
    }
  }
  CHECK(At(kGreeting, "554 No SMTP service here") == "defer site ip_or_domain_blocked");
  CHECK(At(kGreeting, "421 4.3.2 closing") == "defer site connection");
  CHECK(At(kGreeting, "421 4.7.0 Too many connections from you") == "defer site rate_limited");
  CHECK(At(kEhlo, "550 Invalid name") == "defer site ip_or_domain_blocked");
  CHECK(At(kStartTls, "454 4.7.0 TLS not available due to local problem") == "defer site tls_policy");
  CHECK(At(kAuth, "535 5.7.8 Authentication credentials invalid") == "defer site auth_failure");
  CHECK(At(kAuth, "535 5.7.139 Authentication unsuccessful") == "defer site auth_failure");
}

TEST_CASE("a 4xx always waits, a 421 for the site") {
  for (const SmtpStage stage : kFromMail) {
    for (int code = 400; code < 500; ++code) {
      for (const char* rest : {"", " 4.1.1 user unknown", " 5.1.1 user unknown", " 4.2.2 full", " 4.7.1 spam", " virus",
                               " 5.7.26 dmarc", " 4.4.7 expired", " 4.9.9 ?"}) {
        const std::string told = At(stage, std::to_string(code) + rest);
        CAPTURE(code);
        CAPTURE(rest);
        CHECK(told.starts_with(code == 421 ? "defer site " : "defer "));
      }
    }
  }
}

TEST_CASE("a reply that contradicts itself waits") {
  CHECK(At(kRcpt, "554 4.7.1 try later") == "defer message policy");
  CHECK(At(kRcpt, "450 5.1.1 user unknown") == "defer recipient invalid_recipient");
}

TEST_CASE("mailboxes and domains that are not there bounce for the recipient") {
  CheckAt(
      kRcpt,
      {
          {"550 5.1.1 <ann@example.net>: Recipient address rejected: User unknown in virtual mailbox table",
           "bounce recipient invalid_recipient"},
          {"550 5.1.1 The email account that you tried to reach does not exist.", "bounce recipient invalid_recipient"},
          {"550 No such user here", "bounce recipient invalid_recipient"},
          {"550 5.1.0 Address rejected: unknown user", "bounce recipient invalid_recipient"},
          {"550 #5.1.0 Address rejected.", "bounce recipient invalid_recipient"},
          {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
           "bounce recipient invalid_recipient"},
          {"550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "bounce recipient invalid_recipient"},
          {"550 5.5.0 Requested action not taken: mailbox unavailable", "bounce recipient invalid_recipient"},
          {"550 5.3.0 user unknown", "bounce recipient invalid_recipient"},
          {"550 5.7.1 no such user", "bounce recipient invalid_recipient"},
          {"550 Unrouteable address", "bounce recipient invalid_recipient"},
          {"501 5.1.3 Bad recipient address syntax", "bounce recipient invalid_recipient"},
          {"551 5.1.6 has moved", "bounce recipient invalid_recipient"},
          {"550 5.1.2 Host unknown", "bounce recipient bad_domain"},
          {"556 5.1.10 Recipient address has null MX", "bounce recipient bad_domain"},
          {"556 Domain does not accept mail", "bounce recipient bad_domain"},
          {"550 5.2.1 The email account that you tried to reach is disabled.", "bounce recipient inactive_mailbox"},
          {"554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
           "bounce recipient inactive_mailbox"},
          {"554 delivery error: dd This user doesn't have a yahoo.com account", "bounce recipient invalid_recipient"},
          {"550 5.7.17 Mailbox owner has changed", "bounce recipient inactive_mailbox"},
          {"550 account is disabled", "bounce recipient inactive_mailbox"},
      });
}

TEST_CASE("a plain code at RCPT bounces without a reason to suppress") {
  for (const char* line : {"550 rejected", "550 Requested action not taken: mailbox unavailable", "551 User not local",
                           "553 no", "550 5.0.0 no", "550 5.1.0 no", "550 5.2.0 no", "599 ?"}) {
    CAPTURE(line);
    CHECK(At(kRcpt, line) == "bounce recipient other");
  }
  CHECK(At(kRcpt, "550 5.7.1 rejected") == "bounce message policy");
  CHECK(At(kRcpt, "554 5.7.1 rejected") == "bounce message policy");
  CHECK(At(kRcpt, "554 Transaction failed") == "bounce message policy");
}

TEST_CASE("quotas: 4xx waits, 5xx bounces, a full disk is the site's") {
  CheckAt(kRcpt, {
                     {"452 4.2.2 The recipient's inbox is out of storage space.", "defer recipient mailbox_full"},
                     {"452 try later", "defer recipient mailbox_full"},
                     {"450 4.2.2 Mailbox full", "defer recipient mailbox_full"},
                     {"552 5.2.2 user over quota", "bounce recipient mailbox_full"},
                     {"552 no room", "bounce recipient mailbox_full"},
                     {"550 Mailbox quota exceeded", "bounce recipient mailbox_full"},
                     {"552 5.2.2 over quota, see https://support.google.com/mail/?p=OverQuotaPerm",
                      "bounce recipient inactive_mailbox"},
                     {"452 4.3.1 Insufficient system storage", "defer site other"},
                     {"452 Requested action not taken: insufficient system storage", "defer site other"},
                     {"454 Throttling failure: Daily message quota exceeded", "defer site rate_limited"},
                 });
  CHECK(At(kMail, "452 4.3.1 Insufficient system storage") == "defer site other");
  CHECK(At(kMail, "552 5.3.4 Message size exceeds fixed limit") == "bounce message message_too_large");
  CHECK(At(kMail, "552 no") == "bounce message message_too_large");
  CHECK(At(kBody, "552 5.2.3 too long") == "bounce message message_too_large");
  CHECK(At(kBody, "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large") == "bounce message message_too_large");
}

TEST_CASE("listings and reputation never bounce") {
  for (const SmtpStage stage : kFromMail) {
    for (const char* line :
         {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
          "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list "
          "(S3140).",
          "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "550 5.7.511 Access denied, banned sender",
          "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1", "554 5.7.1 [HM08] Message rejected",
          "550 5.1.1 blocked using bl.spamcop.net", "550 Your IP is blacklisted", "550 listed in dnsbl.example",
          "550 5.7.1 very low reputation of the sending domain", "550 5.7.25 no PTR", "550 reverse DNS does not exist",
          "554 5.7.1 <mail.example.com>: Helo command rejected: Host not found", "550 5.7.708 not from this IP"}) {
      CAPTURE(line);
      CHECK(At(stage, line) == "defer site ip_or_domain_blocked");
    }
  }
  CHECK(At(kBody, "554 5.7.1 contains a link listed in SURBL") == "defer message ip_or_domain_blocked");
  CHECK(At(kRcpt, "550 5.7.1 rejected as spam") == "defer site ip_or_domain_blocked");
}

TEST_CASE("pace: rates are the site's, greylisting the recipient's") {
  CheckAt(
      kRcpt,
      {
          {"450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted", "defer recipient greylisted"},
          {"451 4.7.1 Greylisting in action, please come back later", "defer recipient greylisted"},
          {"451 4.7.1 Please try again later", "defer recipient greylisted"},
          {"550 5.7.1 greylisted", "defer recipient greylisted"},
          {"421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints", "defer site rate_limited"},
          {"450 4.2.1 The user you are trying to contact is receiving mail at a rate", "defer recipient rate_limited"},
          {"550 5.2.1 The user is receiving mail too quickly", "defer recipient rate_limited"},
          {"550 5.7.28 unusual rate of unsolicited mail", "defer site rate_limited"},
          {"550 5.4.5 Daily user sending limit exceeded", "defer site rate_limited"},
          {"452 4.5.3 Too many recipients", "defer site rate_limited"},
          {"554 5.4.6 Too many hops", "bounce recipient other"},
          {"421 closing", "defer site connection"},
          {"421 4.4.2 timeout", "defer site connection"},
          {"450 busy", "defer recipient other"},
          {"451 local error", "defer recipient other"},
          {"451 4.3.2 not accepting messages", "defer site other"},
          {"451 4.4.3 directory failure", "defer site dns_failure"},
      });
}

TEST_CASE("logins, TLS and relaying are our affair and wait") {
  for (const SmtpStage stage : kFromMail) {
    CheckAt(stage, {
                       {"530 5.7.0 Authentication required", "defer site auth_failure"},
                       {"530 5.7.0 Must issue a STARTTLS command first", "defer site tls_policy"},
                       {"535 5.7.8 bad credentials", "defer site auth_failure"},
                       {"550 5.7.8 no", "defer site auth_failure"},
                       {"550 5.7.13 user account disabled", "defer site auth_failure"},
                       {"550 5.7.57 Client was not authenticated to send anonymous mail", "defer site auth_failure"},
                       {"454 4.7.0 Temporary authentication failure", "defer site auth_failure"},
                       {"554 5.7.1 <ann@example.net>: Relay access denied", "defer site relay_denied"},
                       {"553 sorry, that domain isn't in my list of allowed rcpthosts", "defer site relay_denied"},
                   });
  }
}

TEST_CASE("failed DKIM, SPF or DMARC waits for the sender domain to be mended") {
  for (const char* line :
       {"550 5.7.26 This mail has been blocked because the sender is unauthenticated", "550 5.7.1 DMARC policy",
        "550 5.7.515 Access denied, sending domain does not meet the required authentication level",
        "550 5.7.23 SPF validation failed", "550 5.7.20 no passing DKIM signature found", "554 5.7.509 no"}) {
    CAPTURE(line);
    CHECK(At(kBody, line) == "defer message auth_failure");
  }
}

TEST_CASE("what is said of sender or content ends the message, not the recipient") {
  CheckAt(kRcpt, {
                     {"550 5.1.8 Sender address rejected: Domain not found", "bounce message policy"},
                     {"553 5.1.8 Domain of sender address x@example.com does not exist", "bounce message policy"},
                     {"550 Sender verify failed", "bounce message policy"},
                     {"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", "bounce recipient policy"},
                     {"550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", "bounce recipient policy"},
                 });
  CheckAt(kMail, {
                     {"550 5.1.1 unknown", "bounce message policy"},
                     {"553 5.1.3 a control character", "bounce message policy"},
                     {"550 5.7.1 rejected", "bounce message policy"},
                     {"501 5.5.4 syntax", "bounce message protocol"},
                     {"553 5.6.7 the address needs SMTPUTF8", "bounce message protocol"},
                 });
  CheckAt(kBody, {
                     {"550 5.7.1 Our system has detected that this message is likely unsolicited mail",
                      "bounce message spam_content"},
                     {"552 5.7.0 blocked because its content presents a potential security issue",
                      "bounce message spam_content"},
                     {"554 5.7.1 [CS01] Message rejected due to local policy", "bounce message spam_content"},
                     {"554 rejected, virus found", "bounce message spam_content"},
                     {"554 5.6.0 a line does not end in CRLF", "bounce message protocol"},
                     {"554 Transaction failed", "bounce message policy"},
                     {"550 no", "bounce message policy"},
                     {"555 parameters", "bounce message protocol"},
                     {"503 bad sequence", "defer site protocol"},
                     {"521 5.2.1 will not accept", "defer site policy"},
                     {"550 5.1.1 user unknown", "bounce recipient invalid_recipient"},
                 });
}

TEST_CASE("words inside addresses are not read") {
  CHECK(At(kRcpt, "550 5.1.1 <spamhaus@example.net>: user unknown") == "bounce recipient invalid_recipient");
  CHECK(At(kRcpt, "550 5.1.1 dkim@greylist.example rejected") == "bounce recipient invalid_recipient");
  CHECK(At(kRcpt, "550 user-unknown@example.net") == "bounce recipient other");
}

TEST_CASE("letters may be of either case and the text may be anything") {
  CHECK(At(kRcpt, "550 USER UNKNOWN") == "bounce recipient invalid_recipient");
  CHECK(At(kRcpt, "550") == "bounce recipient other");
  SmtpReply odd{550, "not.a.code", std::string("\xff\0 @ @@ ", 8), kRcpt};
  CHECK(Told(Classify(odd, false)) == "bounce recipient other");
}

}  // namespace
}  // namespace sealpost::classify
