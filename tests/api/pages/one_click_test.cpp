#include "api/pages/one_click.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost;

namespace {

bool OneClick(const std::string& type, const std::string& body) {
  http::Request request;
  request.headers["Content-Type"] = type;
  request.body = body;
  return pages::IsOneClick(request);
}

}  // namespace

TEST_CASE("the form of RFC 8058 is one click, with or without its content type") {
  CHECK(OneClick("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"));
  CHECK(OneClick("", "List-Unsubscribe=One-Click\r\n"));
  CHECK(OneClick("", "a=b&List-Unsubscribe=One-Click&c=d"));
}

TEST_CASE("a form that only resembles it is none") {
  for (const char* body : {"", "List-Unsubscribe", "List-Unsubscribe=", "List-Unsubscribe=One-Clicks", "=One-Click",
                           "xList-Unsubscribe=One-Click", "List-Unsubscribe=Two", "a=List-Unsubscribe=One-Click"}) {
    CHECK_MESSAGE(!OneClick("", body), body);
  }
}

TEST_CASE("a part of that name and value is one click, a part cut short or of another name is none") {
  const std::string type = "multipart/form-data; boundary=b";
  const std::string head = "--b\r\nContent-Disposition: form-data; name=";
  CHECK(OneClick(type, head + "\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"));
  CHECK(OneClick(type, head + "List-Unsubscribe\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--b--\r\n"));
  CHECK_FALSE(OneClick(type, head + "\"List-Unsubscribe\""));
  CHECK_FALSE(OneClick(type, head + "\"List-Unsubscribe\"\r\n\r\nOne-Click"));
  CHECK_FALSE(OneClick(type, head + "\"List-Unsubscribe\"\r\n\r\nNo\r\n--b\r\n\r\nOne-Click\r\n"));
  CHECK_FALSE(OneClick(type, head + "\"other\"\r\n\r\nOne-Click\r\n--b--\r\n"));
  CHECK_FALSE(OneClick(type, "List-Unsubscribe=One-Click"));
}
