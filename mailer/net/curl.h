// The door to libcurl: handles that clean up after themselves. Included by the .cpp files of this folder only.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace sealpost::net {

// The default CApath costs 20 ms of CPU a connection, because libcurl then parses the whole folder.
constexpr const char* kSystemBundle = "/etc/ssl/certs/ca-certificates.crt";

struct EasyDeleter {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct HeadersDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, HeadersDeleter>;

struct UrlDeleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// Sets options and remembers whether all were taken: a libcurl without TLS, say, refuses the options that demand it,
// and a connection made in spite of that would be plaintext.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}

  template <class Value>
  Options& Set(CURLoption option, Value value) {
    taken_ = taken_ && curl_easy_setopt(easy_, option, value) == CURLE_OK;
    return *this;
  }
  bool taken() const { return taken_; }

 private:
  CURL* easy_;
  bool taken_ = true;
};

}  // namespace sealpost::net
