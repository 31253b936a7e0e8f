// Public keys as DKIM publishes them: decoding, comparing, measuring (RFC 6376 3.6.1, RFC 8301, RFC 8463).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace sealpost::dns {

enum class KeyType { kRsa, kEd25519 };

struct PublicKey {
  KeyType type = KeyType::kRsa;
  std::string canonical;       // RSA: DER SubjectPublicKeyInfo; Ed25519: the 32 bytes. Equal keys have equal ones
  std::size_t bits = 0;        // of the modulus; 256 for Ed25519
  unsigned long exponent = 0;  // RSA; 0: larger than fits
  bool bare_pkcs1 = false;     // published as RSAPublicKey instead of SubjectPublicKeyInfo: many accept it, not all

  // Same key, whatever its wrapping.
  bool SameKey(const PublicKey& other) const;
};

// What a p= holds, blanks inside ignored. Errors say where it breaks: not base64, cut off (the DER says 294 bytes, 189
// are there), bytes left over, not an RSA key, not 32 bytes.
std::expected<PublicKey, std::string> ReadPublishedKey(std::string_view base64, KeyType type);
// A PEM file's text: private or public, RSA or Ed25519, unencrypted. Private parts are dropped at once; errors never
// show contents.
std::expected<PublicKey, std::string> ReadKeyPem(std::string_view pem);
// The p= to publish for it.
std::string PublishedForm(const PublicKey& key);

}  // namespace sealpost::dns
