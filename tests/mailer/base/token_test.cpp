#include "mailer/base/token.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

using namespace sealpost::base;

namespace {

const IdBytes kId = *ParseId("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

TEST_CASE("a token of either form has its fixed width and opens to its id") {
  const TokenSigner signer(Secret("master"));
  for (const auto purpose : {TokenPurpose::kUnsubscribe, TokenPurpose::kReturnPath, TokenPurpose::kBrake}) {
    const std::string url = signer.ForUrl(purpose, kId);
    CHECK(url.size() == TokenSigner::kUrlWidth);
    CHECK(signer.OpenUrl(purpose, url) == kId);
    const std::string local_part = signer.ForLocalPart(purpose, kId);
    CHECK(local_part.size() == TokenSigner::kLocalPartWidth);
    CHECK(signer.OpenLocalPart(purpose, local_part) == kId);
    CHECK(signer.OpenLocalPart(purpose, Upper(local_part)) == kId);
    CHECK(local_part.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
  }
}

TEST_CASE("the same id gives the same token, whoever holds the master key") {
  CHECK(TokenSigner(Secret("master")).ForUrl(TokenPurpose::kUnsubscribe, kId) ==
        TokenSigner(Secret("master")).ForUrl(TokenPurpose::kUnsubscribe, kId));
}

TEST_CASE("a token is worthless for another purpose, another key and in another form") {
  const TokenSigner signer(Secret("master"));
  const TokenSigner stranger(Secret("another"));
  const std::string url = signer.ForUrl(TokenPurpose::kUnsubscribe, kId);
  const std::string local_part = signer.ForLocalPart(TokenPurpose::kReturnPath, kId);
  CHECK_FALSE(signer.OpenUrl(TokenPurpose::kReturnPath, url).has_value());
  CHECK_FALSE(signer.OpenUrl(TokenPurpose::kBrake, url).has_value());
  CHECK_FALSE(signer.OpenUrl(TokenPurpose::kUnsubscribe, signer.ForUrl(TokenPurpose::kBrake, kId)).has_value());
  CHECK_FALSE(stranger.OpenUrl(TokenPurpose::kUnsubscribe, url).has_value());
  CHECK_FALSE(signer.OpenLocalPart(TokenPurpose::kUnsubscribe, local_part).has_value());
  CHECK_FALSE(stranger.OpenLocalPart(TokenPurpose::kReturnPath, local_part).has_value());
  CHECK_FALSE(signer.OpenLocalPart(TokenPurpose::kUnsubscribe, url).has_value());
  CHECK_FALSE(signer.OpenUrl(TokenPurpose::kReturnPath, local_part).has_value());
}

TEST_CASE("no character of a token can be changed") {
  const TokenSigner signer(Secret("master"));
  const std::string url = signer.ForUrl(TokenPurpose::kUnsubscribe, kId);
  for (std::size_t i = 0; i < url.size(); ++i) {
    std::string changed = url;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(signer.OpenUrl(TokenPurpose::kUnsubscribe, changed).has_value());
  }
  const std::string local_part = signer.ForLocalPart(TokenPurpose::kReturnPath, kId);
  for (std::size_t i = 0; i < local_part.size(); ++i) {
    std::string changed = local_part;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(signer.OpenLocalPart(TokenPurpose::kReturnPath, changed).has_value());
  }
}

TEST_CASE("texts of another length or alphabet are no tokens") {
  const TokenSigner signer(Secret("master"));
  const std::string url = signer.ForUrl(TokenPurpose::kUnsubscribe, kId);
  for (const std::string& text : {std::string(), url + "A", url.substr(1), " " + url.substr(1), std::string(44, '='),
                                  std::string(44, '\0'), std::string(100'000, 'A')}) {
    CHECK_FALSE(signer.OpenUrl(TokenPurpose::kUnsubscribe, text).has_value());
    CHECK_FALSE(signer.OpenLocalPart(TokenPurpose::kReturnPath, text).has_value());
  }
}
