// Opening: TCP, greeting, EHLO, STARTTLS, AUTH, all by libcurl. What is here is which options make it keep the TLS
// demand, and which of its errors is which reply. Inside this folder; SmtpConnection::Open is the way in.
#pragma once

#include <expected>
#include <memory>
#include <stop_token>
#include <string>

#include "mailer/model/smtp_reply.h"
#include "mailer/net/curl.h"
#include "mailer/net/smtp_connection.h"

namespace sealpost::net {

struct Opened {
  std::unique_ptr<std::string> tls = std::make_unique<std::string>();  // before `easy`, whose handshake writes into it
  Easy easy;
  curl_socket_t socket = CURL_SOCKET_BAD;
  Capabilities capabilities;
};

// One attempt, and for an opportunistic peer whose handshake broke a second one in plaintext on a new connection.
std::expected<Opened, model::SmtpReply> OpenSmtp(const SmtpPeer& peer, const Timeouts& timeouts, std::stop_token stop);

// A host that means this machine: "localhost", 127.0.0.0/8, ::1.
bool IsLoopback(const std::string& host);

}  // namespace sealpost::net
