// A DKIM signing key: parsed once, kept parsed (parsing costs more than signing), checked when loaded.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/base/secret.h"

namespace sealpost::dkim {

constexpr std::size_t kMaxName = 253;  // of a DNS name as text (RFC 1035 2.3.4)

enum class Algorithm { kRsaSha256, kEd25519Sha256 };  // RFC 6376 3.3, RFC 8463
const char* AlgorithmName(Algorithm algorithm);       // "rsa-sha256", "ed25519-sha256"

// Immutable, shareable between threads. The key material never leaves it.
class Key {
 public:
  // A PEM private key without a password, for names as hosts have them (letters, digits, hyphens; IDNs as A-labels).
  // RSA below 2048 or above 4096 bits and any other key type are refused. The fresh key signs a probe that libopendkim
  // verifies, so that a key that cannot work is found at load.
  static base::Result<std::shared_ptr<const Key>> Parse(const std::string& domain, const std::string& selector,
                                                        std::string_view pem);
  // A new private key as PEM (RSA: 2048 bits).
  static base::Result<base::Secret> Generate(Algorithm algorithm);
  ~Key();

  const std::string& domain() const;
  const std::string& selector() const;
  Algorithm algorithm() const;
  // Raw signature over `digest_input` (RSA: over its SHA-256; Ed25519: RFC 8463 signs the SHA-256 digest).
  base::Result<std::string> Sign(std::string_view digest_input) const;
  // The TXT value to publish at selector._domainkey.domain: "v=DKIM1; k=rsa; p=...".
  std::string DnsRecord() const;
  std::string DnsName() const;

 private:
  struct Impl;
  explicit Key(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::dkim
