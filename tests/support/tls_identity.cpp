#include "tests/support/tls_identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sealpost::tests {
namespace {

void Require(bool fine) {
  if (!fine) {
    throw std::runtime_error("cannot make a test certificate");
  }
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string ToPem(X509* certificate) {
  BIO* memory = BIO_new(BIO_s_mem());
  Require(memory != nullptr && PEM_write_bio_X509(memory, certificate) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(memory);
  return pem;
}

}  // namespace

TlsIdentity MakeTlsIdentity(const std::string& names, int days, int max_version) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  Require(key && certificate);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -30L * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * 86'400L);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* common = reinterpret_cast<const unsigned char*>("fake smtp server");
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate.get(), NID_subject_alt_name, names);
  Require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  TlsIdentity identity{TlsContext(SSL_CTX_new(TLS_server_method())), ToPem(certificate.get())};
  Require(identity.context && SSL_CTX_use_certificate(identity.context.get(), certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(identity.context.get(), key.get()) == 1 &&
          SSL_CTX_set_min_proto_version(identity.context.get(), TLS1_VERSION) == 1 &&
          SSL_CTX_set_max_proto_version(identity.context.get(), max_version) == 1);
  if (max_version < TLS1_2_VERSION) {
    SSL_CTX_set_cipher_list(identity.context.get(), "ALL:@SECLEVEL=0");  // Debian's level forbids what is to be tested
  }
  return identity;
}

}  // namespace sealpost::tests
