// What the tests of this folder sign and with what.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/dkim/key.h"
#include "mailer/dkim/signer.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::dkim::samples {

using Keys = std::vector<std::shared_ptr<const Key>>;

// An RSA and an Ed25519 key of example.com, made once: RSA keys take their time.
inline const Keys& BothKeys() {
  static const Keys keys = [] {
    Keys made;
    for (const auto& [selector, algorithm] :
         {std::pair("rsa1", Algorithm::kRsaSha256), std::pair("ed1", Algorithm::kEd25519Sha256)}) {
      const auto pem = Key::Generate(algorithm);
      made.push_back(Key::Parse("example.com", selector, pem.value().Reveal()).value());
    }
    return made;
  }();
  return keys;
}

inline std::optional<std::string> LookUp(std::string_view name) {
  for (const auto& key : BothKeys()) {
    if (key->DnsName() == name) return key->DnsRecord();
  }
  return std::nullopt;
}

inline std::string Message() {
  return "From: =?utf-8?q?Ex=C3=A4mple?= <hello@example.com>\r\n"
         "To: Ann <ann@example.net>,\r\n"
         " Bob <bob@example.org>\r\n"
         "Subject:  Your   receipt\t for May \r\n"
         "Date: Mon, 23 Nov 2026 10:15:30 +0000\r\n"
         "Message-ID: <0199.1@example.com>\r\n"
         "MIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n"
         "List-Id: Receipts <receipts.example.com>\r\n"
         "List-Unsubscribe: <https://mail.example.com/u/abc>\r\n"
         "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
         "X-Mailer-Note: not signed\r\n"
         "Feedback-ID: a:b:c:example\r\n"
         "\r\n"
         "Hello  Ann, \t\r\n"
         "\r\n"
         "  thank you.\r\n"
         "\r\n"
         "\r\n";
}

inline base::Time Now() {
  return base::SystemClock().Now();
}

// `message` with signatures of both keys before it.
inline std::string Signed(const std::string& message = Message(), base::Time now = Now()) {
  return Sign(message, BothKeys(), now).value() + message;
}

// "pass pass": the results in order.
inline std::string Results(std::string_view message, const KeyLookup& lookup = LookUp) {
  std::string text;
  const auto results = Verify(message, lookup);
  if (!results) return "error: " + results.error().message;
  for (const SignatureResult& result : *results) text += (text.empty() ? "" : " ") + result.result;
  return text;
}

inline std::string Replace(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace sealpost::dkim::samples
