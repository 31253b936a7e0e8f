// What is said while libcurl opens a connection, overheard through its callbacks: at which stage it is, the last
// reply, and what the last EHLO offered (RFC 3207 4.2: what was offered before TLS does not count).
#pragma once

#include <stop_token>
#include <string_view>

#include "mailer/model/smtp_reply.h"
#include "mailer/net/curl.h"
#include "mailer/net/reply_parser.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

class OpeningTalk {
 public:
  // `stop` makes libcurl give up at its next progress report (about every second).
  explicit OpeningTalk(std::stop_token stop) : stop_(std::move(stop)) {}
  OpeningTalk(const OpeningTalk&) = delete;
  OpeningTalk& operator=(const OpeningTalk&) = delete;

  // Detach must come before this object goes, unless the handle goes first.
  void Attach(Options& options);
  static void Detach(CURL* easy);

  model::SmtpStage stage() const { return stage_; }
  const model::SmtpReply& reply() const { return reply_; }  // the last whole one
  const Capabilities& capabilities() const { return capabilities_; }
  bool authenticated() const { return authenticated_; }  // AUTH was answered by 235

 private:
  static std::size_t OnLine(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static int OnTrace(CURL* easy, curl_infotype type, char* data, std::size_t size, void* self) noexcept;
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  bool Hear(std::string_view line);
  void Said(std::string_view command);

  std::stop_token stop_;
  model::SmtpStage stage_ = model::SmtpStage::kConnect;
  ReplyParser parser_{model::SmtpStage::kGreeting};
  model::SmtpReply reply_;
  Capabilities capabilities_;
  std::size_t ehlo_lines_ = 0;
  bool authenticated_ = false;
};

}  // namespace sealpost::net
