// What an SMTP reply means: the only place that decides between retry, bounce and suppression. Pure; rules are data
// (rules.cpp), first match wins: provider phrases, then enhanced codes (RFC 3463, IANA registry), then basic codes.
#pragma once

#include "mailer/model/smtp_reply.h"
#include "mailer/model/verdict.h"

namespace sealpost::classify {

// `uncertain`: the end of the body was written and no reply came.
model::Verdict Classify(const model::SmtpReply& reply, bool uncertain);

}  // namespace sealpost::classify
