#include "mailer/net/smtp_open.h"

#include <arpa/inet.h>

#include <array>
#include <optional>
#include <string_view>

#include "mailer/base/secret.h"
#include "mailer/net/opening_talk.h"
#include "mailer/net/reply_parser.h"
#include "mailer/net/tls_facts.h"

namespace sealpost::net {
namespace {

using model::SmtpReply;
using model::SmtpStage;

// How strictly libcurl is told to go about TLS.
struct TlsMode {
  long use = CURLUSESSL_NONE;
  bool verify = false;
};

SmtpReply NoReply(SmtpStage stage, std::string_view why) {
  return {0, "", CleanText(why), stage};
}

std::string UrlOf(CURL* easy, const SmtpPeer& peer) {
  const bool v6 = peer.host.find(':') != std::string::npos;
  std::string url = peer.implicit_tls ? "smtps://" : "smtp://";
  url += v6 ? "[" + peer.host + "]" : peer.host;
  url += ":" + std::to_string(peer.port) + "/";
  char* helo = curl_easy_escape(easy, peer.helo.data(), static_cast<int>(peer.helo.size()));
  if (helo != nullptr) {
    url += helo;
    curl_free(helo);
  }
  return url;
}

// Never from libcurl's connection cache, and nothing left to the environment (proxy, CA folder). FORBID_REUSE would
// close the connection at the end of the opening; a handle of its own that is never performed again has no reuse.
void SetCommon(Options& options, const std::string& url, const SmtpPeer& peer, TlsMode mode, const Timeouts& timeouts) {
  const auto within = static_cast<long>(timeouts.connect.count());
  options.Set(CURLOPT_URL, url.c_str())
      .Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
      .Set(CURLOPT_CONNECT_ONLY, 1L)
      .Set(CURLOPT_FRESH_CONNECT, 1L)
      .Set(CURLOPT_NOSIGNAL, 1L)
      .Set(CURLOPT_PROXY, "")
      .Set(CURLOPT_CONNECTTIMEOUT_MS, within)
      .Set(CURLOPT_TIMEOUT_MS, within)
      .Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, within / 1000 + 1)
      .Set(CURLOPT_USE_SSL, mode.use)
      .Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .Set(CURLOPT_SSL_VERIFYPEER, mode.verify ? 1L : 0L)
      .Set(CURLOPT_SSL_VERIFYHOST, mode.verify ? 2L : 0L)
      .Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr))
      .Set(CURLOPT_CAINFO, peer.ca_file.empty() ? kSystemBundle : peer.ca_file.c_str());
}

bool IsTlsFailure(CURLcode code) {
  return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM ||
         code == CURLE_SSL_CIPHER;
}

// libcurl's last response code may belong to an earlier command (220 after a broken handshake), so the reply decides
// only if it answers the command that failed.
SmtpReply Refusal(CURLcode code, const OpeningTalk& talk, const SmtpPeer& peer, CURL* easy, const char* detail) {
  if (talk.reply().code >= 400 && talk.reply().stage == talk.stage()) {
    return talk.reply();
  }
  if (code == CURLE_USE_SSL_FAILED) {
    return NoReply(SmtpStage::kStartTls, "TLS is required and the server does not offer STARTTLS");
  }
  if (IsTlsFailure(code)) {
    return NoReply(SmtpStage::kStartTls, *detail != '\0' ? detail : curl_easy_strerror(code));
  }
  SmtpStage stage = talk.stage();
  curl_off_t connected = 0;
  if (stage == SmtpStage::kConnect && curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected) == CURLE_OK &&
      connected > 0) {
    stage = peer.implicit_tls ? SmtpStage::kStartTls : SmtpStage::kGreeting;
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return NoReply(stage, "cut off: shutting down");
  }
  return NoReply(stage, *detail != '\0' ? detail : curl_easy_strerror(code));
}

struct Failure {
  SmtpReply reply;
  bool handshake_broke = false;
};

// What libcurl takes for a success and we do not.
std::optional<SmtpReply> Shortfall(const SmtpPeer& peer, TlsMode mode, const OpeningTalk& talk, const Opened& opened) {
  if (opened.socket == CURL_SOCKET_BAD) {
    return NoReply(talk.stage(), "libcurl lost the connection it opened");
  }
  if (mode.use == CURLUSESSL_ALL && opened.tls->empty()) {
    return NoReply(SmtpStage::kStartTls, "TLS is required and the connection is plaintext");
  }
  // Without a mechanism in common it goes on without a login.
  if (!peer.user.empty() && !talk.authenticated()) {
    return NoReply(SmtpStage::kAuth, "a user is configured and the server offers no usable AUTH");
  }
  return std::nullopt;
}

std::expected<Opened, Failure> TryOpen(const SmtpPeer& peer, TlsMode mode, const base::Secret& password,
                                       const Timeouts& timeouts, std::stop_token stop) {
  // Before the handle, which may still call back while it closes.
  OpeningTalk talk(std::move(stop));
  std::array<char, CURL_ERROR_SIZE> detail{};
  Opened opened;
  opened.easy.reset(curl_easy_init());
  CURL* easy = opened.easy.get();
  if (easy == nullptr) {
    return std::unexpected(Failure{NoReply(SmtpStage::kConnect, "libcurl has no memory for a connection")});
  }
  const std::string url = UrlOf(easy, peer);
  Options options(easy);
  SetCommon(options, url, peer, mode, timeouts);
  options.Set(CURLOPT_ERRORBUFFER, detail.data());
  talk.Attach(options);
  RecordTls(options, *opened.tls);
  if (!peer.user.empty()) {
    // No copy of our own that nobody wipes: Reveal() shows a whole std::string, so a NUL follows it.
    options.Set(CURLOPT_USERNAME, peer.user.c_str()).Set(CURLOPT_PASSWORD, password.Reveal().data());
  }
  if (!options.taken()) {
    return std::unexpected(
        Failure{NoReply(SmtpStage::kConnect, "libcurl refuses an option that this connection needs")});
  }
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    return std::unexpected(Failure{Refusal(code, talk, peer, easy, detail.data()), code == CURLE_SSL_CONNECT_ERROR});
  }
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &opened.socket);
  if (auto shortfall = Shortfall(peer, mode, talk, opened)) {
    return std::unexpected(Failure{std::move(*shortfall)});
  }
  OpeningTalk::Detach(easy);
  options.Set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr)).Set(CURLOPT_PASSWORD, static_cast<char*>(nullptr));
  opened.capabilities = talk.capabilities();
  return opened;
}

}  // namespace

bool IsLoopback(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6);
  }
  return host == "localhost";
}

std::expected<Opened, SmtpReply> OpenSmtp(const SmtpPeer& peer, const Timeouts& timeouts, std::stop_token stop) {
  TlsMode mode;
  if (peer.tls == TlsDemand::kRequired) {
    mode = {CURLUSESSL_ALL, true};
  } else if (peer.tls == TlsDemand::kOpportunistic) {
    mode = {CURLUSESSL_TRY, false};
  }
  base::Secret password;
  if (!peer.user.empty()) {
    // A password in plaintext stays on this machine or is not sent at all.
    if (!IsLoopback(peer.host) && !peer.implicit_tls) {
      if (mode.use == CURLUSESSL_NONE) {
        return std::unexpected(NoReply(SmtpStage::kAuth, "AUTH needs TLS unless the server is on loopback"));
      }
      mode.use = CURLUSESSL_ALL;
    }
    auto read = base::Secret::FromFile(peer.password_file);
    if (!read) {
      return std::unexpected(NoReply(SmtpStage::kAuth, read.error().message));
    }
    password = std::move(*read);
  }
  auto opened = TryOpen(peer, mode, password, timeouts, stop);
  const bool may_fall_back = mode.use == CURLUSESSL_TRY && !peer.implicit_tls && !stop.stop_requested();
  if (!opened && opened.error().handshake_broke && may_fall_back) {
    opened = TryOpen(peer, TlsMode{}, password, timeouts, stop);
  }
  if (!opened) {
    return std::unexpected(std::move(opened.error().reply));
  }
  return std::move(*opened);
}

}  // namespace sealpost::net
