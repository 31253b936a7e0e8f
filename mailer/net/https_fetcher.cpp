#include "mailer/net/https_fetcher.h"

#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "mailer/net/curl.h"

namespace sealpost::net {
namespace {

constexpr std::size_t kFileLimit = 64u << 10;
struct Body {
  std::string text;
  bool too_long = false;
};

std::size_t OnFileBody(char* data, std::size_t size, std::size_t count, void* into) noexcept {
  auto& body = *static_cast<Body*>(into);
  if (body.text.size() + size * count > kFileLimit) {
    body.too_long = true;
    return 0;  // makes libcurl give up
  }
  body.text.append(data, size * count);
  return size * count;
}

std::string Part(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) {
    return "";
  }
  std::string copy(text);
  curl_free(text);
  return copy;
}

// The name to connect to. An address in its place, in any of the spellings that libcurl knows, would be connected to
// past the addresses that were handed in; so would a final dot, with which libcurl looks for another name.
std::optional<std::string> HostToConnect(const std::string& address) {
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  std::string host = Part(url, CURLUPART_HOST);
  const std::string port = Part(url, CURLUPART_PORT);
  const bool plain = Part(url, CURLUPART_SCHEME) == "https" && Part(url, CURLUPART_USER).empty() &&
                     (port.empty() || port == "443") && host.find(':') == std::string::npos;
  if (!plain || host.empty() || host.ends_with('.') || dns::ParseIp(host)) {
    return std::nullopt;
  }
  return host;
}

dns::FetchResult Problem(std::string why, bool could_not_tell = false) {
  dns::FetchResult result;
  result.problem = std::move(why);
  result.could_not_tell = could_not_tell;
  return result;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// Where to connect instead of asking the system's resolver: an entry for CURLOPT_RESOLVE or CURLOPT_CONNECT_TO.
std::string Detour(const HttpsFetcherOptions& options, const dns::FetchRequest& request, const std::string& host) {
  if (!options.connect_host.empty()) {
    return "::" + Bracketed(options.connect_host) + ":" + std::to_string(options.connect_port);
  }
  std::string entry;
  for (const dns::Ip& ip : request.addresses) {
    if (options.allow_private || dns::IsPublic(ip)) {
      entry += (entry.empty() ? host + ":443:" : ",") + Bracketed(dns::ToString(ip));
    }
  }
  return entry;
}

// Whether the failure says nothing about the domain: the network, the moment, or this machine.
bool CouldNotTell(CURLcode code) {
  constexpr std::array kOfTheMoment = {CURLE_OPERATION_TIMEDOUT, CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST,
                                       CURLE_GOT_NOTHING,        CURLE_RECV_ERROR,      CURLE_SEND_ERROR,
                                       CURLE_PARTIAL_FILE,       CURLE_OUT_OF_MEMORY,   CURLE_SSL_CACERT_BADFILE,
                                       CURLE_FAILED_INIT,        CURLE_SSL_CERTPROBLEM, CURLE_INTERFACE_FAILED};
  return std::find(kOfTheMoment.begin(), kOfTheMoment.end(), code) != kOfTheMoment.end();
}

dns::FetchResult FetchFailure(CURLcode code, CURL* easy, const Body& body, const std::string& host,
                              const char* detail) {
  if (body.too_long) {
    return Problem(host + " answers with more than 64 KiB");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Problem(host + " did not answer in time", true);
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    // libcurl looks at the name after the chain, and before it notes that the chain was fine.
    long chain = X509_V_ERR_UNSPECIFIED;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &chain);
    if (chain == X509_V_OK || chain == X509_V_ERR_UNSPECIFIED) {
      return Problem("the certificate is not for " + host);
    }
    return Problem("the certificate of " + host + " is not trusted: " + X509_verify_cert_error_string(chain));
  }
  const std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  return Problem(host + ": " + why, CouldNotTell(code));
}

// Nothing left to libcurl's defaults, which take proxies and certificates from the environment.
void SetAll(Options& curl, const HttpsFetcherOptions& options, const dns::FetchRequest& request) {
  curl.Set(CURLOPT_URL, request.url.c_str())
      .Set(CURLOPT_PROTOCOLS_STR, "https")
      .Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1))
      .Set(CURLOPT_PROXY, "")
      .Set(CURLOPT_NOPROXY, "*")
      .Set(CURLOPT_NOSIGNAL, 1L)
      .Set(CURLOPT_FOLLOWLOCATION, 0L)
      .Set(CURLOPT_USERAGENT, "sealpost")
      .Set(CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(request.timeout.count())))  // 0 would be for ever
      .Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .Set(CURLOPT_SSL_VERIFYPEER, 1L)
      .Set(CURLOPT_SSL_VERIFYHOST, 2L)
      .Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr))
      .Set(CURLOPT_CAINFO, options.ca_file.empty() ? kSystemBundle : options.ca_file.c_str())
      .Set(CURLOPT_WRITEFUNCTION, &OnFileBody);
}

dns::FetchResult Perform(const HttpsFetcherOptions& options, const dns::FetchRequest& request, const std::string& host,
                         const std::string& detour) {
  const Headers entry(curl_slist_append(nullptr, detour.c_str()));
  const Easy easy(curl_easy_init());
  Body body;
  std::array<char, CURL_ERROR_SIZE> detail{};
  Options curl(easy.get());
  SetAll(curl, options, request);
  curl.Set(options.connect_host.empty() ? CURLOPT_RESOLVE : CURLOPT_CONNECT_TO, entry.get())
      .Set(CURLOPT_WRITEDATA, &body)
      .Set(CURLOPT_ERRORBUFFER, detail.data());
  if (!easy || !entry || !curl.taken()) {
    return Problem("libcurl refuses an option that HTTPS needs", true);
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    return FetchFailure(code, easy.get(), body, host, detail.data());
  }
  dns::FetchResult result;
  long status = 0;
  const char* type = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type);
  result.status = static_cast<int>(status);
  result.content_type = type != nullptr ? type : "";
  result.body = std::move(body.text);
  return result;
}

}  // namespace

dns::Fetcher MakeHttpsFetcher(HttpsFetcherOptions options) {
  return [options = std::move(options)](const dns::FetchRequest& request) {
    const auto host = HostToConnect(request.url);
    if (!host) {
      return Problem("not an https:// URL with a domain name and port 443: " + request.url);
    }
    const std::string detour = Detour(options, request, *host);
    if (detour.empty()) {
      return Problem(*host + " has no public address");
    }
    return Perform(options, request, *host, detour);
  };
}

}  // namespace sealpost::net
