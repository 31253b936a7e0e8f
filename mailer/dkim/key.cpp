#include "mailer/dkim/key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "mailer/base/crypto.h"
#include "mailer/dkim/self_check.h"

namespace sealpost::dkim {
namespace {

using base::ErrorKind;
using base::Fail;

constexpr int kMinRsaBits = 2048;  // RFC 8301 3.2
constexpr int kMaxRsaBits = 4096;  // no verifier need accept more (RFC 8301 3.2)
constexpr std::size_t kMaxLabel = 63;
struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && IsLetterOrDigit(label.front()) &&
         IsLetterOrDigit(label.back()) &&
         std::ranges::all_of(label, [](char c) { return IsLetterOrDigit(c) || c == '-'; });
}

bool AreLabels(std::string_view name) {
  for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
    if (!IsLabel(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return IsLabel(name);
}

std::string DnsNameOf(const std::string& domain, const std::string& selector) {
  return selector + "._domainkey." + domain;
}

base::Result<void> CheckNames(const std::string& domain, const std::string& selector) {
  if (!AreLabels(domain)) {
    return Fail(ErrorKind::kInvalid, "the signing domain is no host name: write it as in DNS, IDNs as A-labels",
                "domain");
  }
  if (!AreLabels(selector)) {
    return Fail(ErrorKind::kInvalid, "the selector may hold letters, digits and inner hyphens, in labels of 1 to 63",
                "selector");
  }
  if (DnsNameOf(domain, selector).size() > kMaxName) {
    return Fail(ErrorKind::kInvalid, "selector._domainkey.domain is longer than 253 characters: shorten the selector",
                "selector");
  }
  return {};
}

// Answers "no password" where OpenSSL would ask at the terminal, and notes that it was asked.
int RefusePassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

base::Result<Owned<EVP_PKEY>> ReadPem(std::string_view pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool encrypted = false;
  Owned<EVP_PKEY> key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassword, &encrypted) : nullptr);
  if (key) return key;
  ERR_clear_error();
  if (encrypted) {
    return Fail(ErrorKind::kInvalid, "the DKIM key is encrypted: take the password off with openssl pkey");
  }
  return Fail(ErrorKind::kInvalid, "no PEM private key found: make one with sealpost dkim keygen");
}

base::Result<Algorithm> AlgorithmOf(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      return Algorithm::kEd25519Sha256;
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(key);
      if (bits >= kMinRsaBits && bits <= kMaxRsaBits) return Algorithm::kRsaSha256;
      return Fail(ErrorKind::kInvalid, "the RSA key has " + std::to_string(bits) +
                                           " bits: DKIM keys need 2048 to 4096 (RFC 8301), 2048 is best");
    }
    default:
      return Fail(ErrorKind::kInvalid, "the key is of a type DKIM does not know: use RSA or Ed25519");
  }
}

std::string PublicKeyBytes(const EVP_PKEY* key, Algorithm algorithm) {
  std::string bytes;
  if (algorithm == Algorithm::kEd25519Sha256) {  // RFC 8463 4: the key alone, without its ASN.1 frame
    std::size_t size = 32;
    bytes.resize(size);
    EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
    return bytes;
  }
  bytes.resize(static_cast<std::size_t>(std::max(0, i2d_PUBKEY(key, nullptr))));
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  i2d_PUBKEY(key, &out);
  return bytes;
}

}  // namespace

const char* AlgorithmName(Algorithm algorithm) {
  return algorithm == Algorithm::kRsaSha256 ? "rsa-sha256" : "ed25519-sha256";
}

struct Key::Impl {
  std::string domain;
  std::string selector;
  Algorithm algorithm;
  Owned<EVP_PKEY> key;
};

Key::Key(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Key::~Key() = default;

const std::string& Key::domain() const {
  return impl_->domain;
}
const std::string& Key::selector() const {
  return impl_->selector;
}
Algorithm Key::algorithm() const {
  return impl_->algorithm;
}

base::Result<std::shared_ptr<const Key>> Key::Parse(const std::string& domain, const std::string& selector,
                                                    std::string_view pem) {
  if (auto names = CheckNames(domain, selector); !names) return std::unexpected(names.error());
  auto parsed = ReadPem(pem);
  if (!parsed) return std::unexpected(parsed.error());
  const auto algorithm = AlgorithmOf(parsed->get());
  if (!algorithm) return std::unexpected(algorithm.error());

  std::shared_ptr<const Key> key(
      new Key(std::make_unique<Impl>(Impl{domain, selector, *algorithm, std::move(*parsed)})));
  if (auto checked = SelfCheck(key); !checked) return std::unexpected(checked.error());
  return key;
}

base::Result<base::Secret> Key::Generate(Algorithm algorithm) {
  const Owned<EVP_PKEY> key(algorithm == Algorithm::kRsaSha256
                                ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{kMinRsaBits})
                                : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  // Secure memory, because OpenSSL wipes it when it goes.
  const Owned<BIO> bio(BIO_new(BIO_s_secmem()));
  if (!key || !bio || PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    return Fail(ErrorKind::kInternal, "OpenSSL made no DKIM key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return base::Secret(std::string(text, static_cast<std::size_t>(size)));
}

base::Result<std::string> Key::Sign(std::string_view digest_input) const {
  const bool rsa = impl_->algorithm == Algorithm::kRsaSha256;
  base::Digest digest;
  if (!rsa) {
    digest = base::Sha256(digest_input);
    digest_input = base::AsText(digest);
  }
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())), '\0');
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, rsa ? EVP_sha256() : nullptr, nullptr, impl_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(digest_input.data()), digest_input.size()) != 1) {
    ERR_clear_error();
    return Fail(ErrorKind::kInternal, "OpenSSL could not sign with the DKIM key of " + DnsName());
  }
  signature.resize(size);
  return signature;
}

std::string Key::DnsRecord() const {
  const char* type = impl_->algorithm == Algorithm::kRsaSha256 ? "rsa" : "ed25519";
  return std::string("v=DKIM1; k=") + type +
         "; p=" + base::Base64Encode(PublicKeyBytes(impl_->key.get(), impl_->algorithm));
}

std::string Key::DnsName() const {
  return DnsNameOf(impl_->domain, impl_->selector);
}

}  // namespace sealpost::dkim
