#include "mailer/net/http_client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "mailer/net/curl.h"
#include "mailer/net/smtp_open.h"

namespace sealpost::net {
namespace {

constexpr std::size_t kAnswerLimit = 64u << 20;

std::size_t OnAnswerBody(char* data, std::size_t size, std::size_t count, void* body) noexcept {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kAnswerLimit) {
    return 0;  // makes libcurl give up
  }
  text.append(data, size * count);
  return size * count;
}

std::string HostOf(const std::string& address) {
  const Url url(curl_url());
  char* host = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
    return "";
  }
  std::string name(host);
  curl_free(host);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  }
  return name;
}

bool HasLineEnd(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

base::Result<void> Check(const HttpCall& call) {
  if (!call.url.starts_with("http://") || HostOf(call.url).empty()) {
    return base::Fail(base::ErrorKind::kInvalid, "the address must be an http:// URL", "url");
  }
  if (call.unix_socket.empty() && !IsLoopback(HostOf(call.url))) {
    return base::Fail(base::ErrorKind::kInvalid, "the host must be on loopback unless a unix socket is given", "url");
  }
  const bool broken = std::any_of(call.headers.begin(), call.headers.end(), [](const auto& header) {
    return HasLineEnd(header.first) || HasLineEnd(header.second);
  });
  if (broken || HasLineEnd(call.method) || HasLineEnd(call.url)) {
    return base::Fail(base::ErrorKind::kInvalid, "a header must not contain CR, LF or NUL", "headers");
  }
  return {};
}

// libcurl would ask for a 100-continue and for a media type of its own choice.
Headers ListOf(const HttpCall& call) {
  Headers list(curl_slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : call.headers) {
    if (curl_slist* longer = curl_slist_append(list.get(), (name + ": " + value).c_str()); longer != nullptr) {
      static_cast<void>(list.release());
      list.reset(longer);
    }
  }
  return list;
}

void SetBody(Options& options, const HttpCall& call) {
  const bool bare = call.method == "GET" || call.method == "HEAD" || call.method == "DELETE";
  if (!call.body.empty() || !bare) {
    options.Set(CURLOPT_POST, 1L)
        .Set(CURLOPT_POSTFIELDS, call.body.data())
        .Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  }
  options.Set(CURLOPT_NOBODY, call.method == "HEAD" ? 1L : 0L);
  options.Set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

// Of a socket that takes nobody libcurl says only that port 80 of its host does not.
std::string WhyNot(CURL* easy, const HttpCall& call, CURLcode code, const char* detail) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  if (!call.unix_socket.empty() && code == CURLE_COULDNT_CONNECT && number != 0)
    return std::generic_category().message(static_cast<int>(number));
  return *detail != '\0' ? detail : curl_easy_strerror(code);
}

}  // namespace

base::Result<HttpAnswer> Call(const HttpCall& call) {
  if (auto fine = Check(call); !fine) {
    return std::unexpected(fine.error());
  }
  const Easy easy(curl_easy_init());
  const Headers headers = ListOf(call);
  HttpAnswer answer;
  std::array<char, CURL_ERROR_SIZE> detail{};
  Options options(easy.get());
  options.Set(CURLOPT_URL, call.url.c_str())
      .Set(CURLOPT_PROTOCOLS_STR, "http")
      .Set(CURLOPT_PROXY, "")
      .Set(CURLOPT_NOSIGNAL, 1L)
      .Set(CURLOPT_FOLLOWLOCATION, 0L)
      .Set(CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeout.count()))
      .Set(CURLOPT_HTTPHEADER, headers.get())
      .Set(CURLOPT_WRITEFUNCTION, &OnAnswerBody)
      .Set(CURLOPT_WRITEDATA, &answer.body)
      .Set(CURLOPT_ERRORBUFFER, detail.data());
  SetBody(options, call);
  if (!call.unix_socket.empty()) {
    options.Set(CURLOPT_UNIX_SOCKET_PATH, call.unix_socket.c_str());
  }
  if (!easy || !options.taken()) {
    return base::Fail(base::ErrorKind::kInternal, "libcurl refuses an option of this call");
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    const std::string where = call.unix_socket.empty() ? call.url : call.unix_socket;
    return base::Fail(base::ErrorKind::kUnavailable,
                      "no answer from " + where + ": " + WhyNot(easy.get(), call, code, detail.data()));
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace sealpost::net
