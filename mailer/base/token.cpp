#include "mailer/base/token.h"

#include <algorithm>

#include "mailer/base/crypto.h"

namespace sealpost::base {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeadWidth = 1 + std::tuple_size_v<IdBytes>;
constexpr std::size_t kUrlMacWidth = 16;
constexpr std::size_t kLocalPartMacWidth = 8;

constexpr std::array<std::string_view, kTokenPurposes> kLabels = {
    "sealpost token: unsubscribe", "sealpost token: return path", "sealpost token: brake"};

std::string_view Label(TokenPurpose purpose) {
  return kLabels[static_cast<std::size_t>(purpose)];
}

std::string Mac(TokenPurpose purpose, const std::string& key, std::string_view head, std::size_t width) {
  std::string input(Label(purpose));
  input.push_back('\0');
  input.append(head);
  return std::string(AsText(HmacSha256(key, input)).substr(0, width));
}

std::string Seal(TokenPurpose purpose, const std::string& key, const IdBytes& id, std::size_t mac_width) {
  std::string bytes(1, kVersion);
  bytes.append(reinterpret_cast<const char*>(id.data()), id.size());
  return bytes + Mac(purpose, key, bytes, mac_width);
}

std::optional<IdBytes> Open(TokenPurpose purpose, const std::string& key, const std::optional<std::string>& bytes,
                            std::size_t mac_width) {
  if (!bytes || bytes->size() != kHeadWidth + mac_width || bytes->front() != kVersion) return std::nullopt;
  const std::string_view head = std::string_view(*bytes).substr(0, kHeadWidth);
  const std::string_view mac = std::string_view(*bytes).substr(kHeadWidth);
  if (!ConstantTimeEquals(mac, Mac(purpose, key, head, mac_width))) return std::nullopt;
  IdBytes id;
  std::copy(head.begin() + 1, head.end(), reinterpret_cast<char*>(id.data()));
  return id;
}

}  // namespace

TokenSigner::TokenSigner(const Secret& master) {
  for (std::size_t i = 0; i < kLabels.size(); ++i) keys_[i] = AsText(HmacSha256(master.Reveal(), kLabels[i]));
}

std::string TokenSigner::ForUrl(TokenPurpose purpose, const IdBytes& id) const {
  return Base64UrlEncode(Seal(purpose, keys_[static_cast<std::size_t>(purpose)], id, kUrlMacWidth));
}

std::string TokenSigner::ForLocalPart(TokenPurpose purpose, const IdBytes& id) const {
  return Base32Encode(Seal(purpose, keys_[static_cast<std::size_t>(purpose)], id, kLocalPartMacWidth));
}

std::optional<IdBytes> TokenSigner::OpenUrl(TokenPurpose purpose, std::string_view token) const {
  if (token.size() != kUrlWidth) return std::nullopt;
  return Open(purpose, keys_[static_cast<std::size_t>(purpose)], Base64UrlDecode(token), kUrlMacWidth);
}

std::optional<IdBytes> TokenSigner::OpenLocalPart(TokenPurpose purpose, std::string_view token) const {
  if (token.size() != kLocalPartWidth) return std::nullopt;
  return Open(purpose, keys_[static_cast<std::size_t>(purpose)], Base32Decode(token), kLocalPartMacWidth);
}

}  // namespace sealpost::base
