#include "mailer/model/smtp_reply.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::model;

TEST_CASE("a reply reads as people write it") {
  CHECK(SmtpReply{550, "5.1.1", "No such user", SmtpStage::kRcpt}.ToString() == "550 5.1.1 No such user");
  CHECK(SmtpReply{250, "", "OK", SmtpStage::kBody}.ToString() == "250 OK");
  CHECK(SmtpReply{250, "", "", SmtpStage::kBody}.ToString() == "250");
  CHECK(SmtpReply{0, "", "connection lost", SmtpStage::kData}.ToString() == "connection lost");
}

TEST_CASE("every stage has its name") {
  CHECK(std::string(StageName(SmtpStage::kConnect)) == "connect");
  CHECK(std::string(StageName(SmtpStage::kStartTls)) == "starttls");
  CHECK(std::string(StageName(SmtpStage::kBody)) == "body");
}
