#include "mailer/base/tls_files.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "mailer/base/files.h"
#include "mailer/base/secret.h"

namespace sealpost::base {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<&X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<&X509_EXTENSION_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Free<&BN_free>>;

constexpr std::size_t kHostNameLimit = 253;   // RFC 1035 2.3.4, as text
constexpr std::size_t kCommonNameLimit = 64;  // RFC 5280 appendix A, ub-common-name
constexpr int kSerialBits = 159;              // 20 bytes, positive: RFC 5280 4.1.2.2
constexpr long kVersion3 = 2;                 // RFC 5280 4.1.2.1

bool IsAddress(const std::string& name) {
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

// Anything else could say more than one name to the library's parser of extensions.
bool IsName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !name.empty() && name.size() <= kHostNameLimit && name.find_first_not_of(kAllowed) == name.npos;
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && ::X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  const Number number(::BN_new());
  return number && ::BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         ::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509* certificate, const std::string& name) {
  X509_NAME* subject = ::X509_get_subject_name(certificate);
  // A longer name stands in subjectAltName alone, where clients look for it anyway.
  const bool fits = name.size() <= kCommonNameLimit;
  if (fits && ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                           reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) != 1) {
    return false;
  }
  return ::X509_set_issuer_name(certificate, subject) == 1;
}

Certificate Build(const std::string& name, int days, EVP_PKEY* key) {
  Certificate certificate(::X509_new());
  X509* raw = certificate.get();
  const bool built =
      raw != nullptr && ::X509_set_version(raw, kVersion3) == 1 && SetSerial(raw) && SetName(raw, name) &&
      ::X509_gmtime_adj(::X509_getm_notBefore(raw), -60L * 60) != nullptr &&  // a peer's clock may be behind
      ::X509_time_adj_ex(::X509_getm_notAfter(raw), days, 0, nullptr) != nullptr && ::X509_set_pubkey(raw, key) == 1 &&
      AddExtension(raw, NID_subject_alt_name, (IsAddress(name) ? "IP:" : "DNS:") + name) &&
      AddExtension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(raw, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(raw, NID_ext_key_usage, "serverAuth") && ::X509_sign(raw, key, ::EVP_sha256()) > 0;
  return built ? std::move(certificate) : nullptr;
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Bio Reading(std::string_view text) {
  return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// An encrypted key must be an error, not a question on the terminal.
int NoPassphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Result<CertificatePair> MakeSelfSigned(const std::string& name, int days) {
  if (!IsAddress(name) && !IsName(name)) {
    return Fail(ErrorKind::kInvalid, "a certificate needs a host name of at most 253 characters or an IP address");
  }
  const Key key(::EVP_EC_gen("P-256"));
  const Certificate certificate = key ? Build(name, days, key.get()) : nullptr;
  const Bio certificate_text(::BIO_new(::BIO_s_mem()));
  const Bio key_text(::BIO_new(::BIO_s_secmem()));
  const bool written =
      certificate && certificate_text && key_text &&
      ::PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1 &&
      ::PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  ::ERR_clear_error();
  if (!written) return Fail(ErrorKind::kInternal, "the certificate could not be made");
  return CertificatePair{Contents(certificate_text.get()), Contents(key_text.get())};
}

Result<void> CheckPair(const std::string& certificate_file, const std::string& key_file) {
  const auto certificate_text = ReadFile(certificate_file, 1u << 20);
  if (!certificate_text) return std::unexpected(certificate_text.error());
  const auto key_text = Secret::FromFile(key_file);
  if (!key_text) return std::unexpected(key_text.error());

  const Certificate certificate(::PEM_read_bio_X509(Reading(*certificate_text).get(), nullptr, &NoPassphrase, nullptr));
  const Key key(::PEM_read_bio_PrivateKey(Reading(key_text->Reveal()).get(), nullptr, &NoPassphrase, nullptr));
  const bool belongs = certificate && key && ::X509_check_private_key(certificate.get(), key.get()) == 1;
  ::ERR_clear_error();
  if (!certificate) return Fail(ErrorKind::kInvalid, certificate_file + " holds no certificate in PEM form");
  if (!key) return Fail(ErrorKind::kInvalid, key_file + " holds no private key in PEM form without a passphrase");
  if (!belongs) {
    return Fail(ErrorKind::kInvalid, key_file + " is not the key of the first certificate in " + certificate_file);
  }
  if (::X509_cmp_current_time(::X509_get0_notAfter(certificate.get())) < 0) {
    return Fail(ErrorKind::kInvalid, certificate_file + " has expired: renew the certificate");
  }
  return {};
}

}  // namespace sealpost::base
