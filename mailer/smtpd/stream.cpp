#include "mailer/smtpd/stream.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace sealpost::smtpd {
namespace {

constexpr std::size_t kBlockBytes = 16 * 1024;

template <auto Function>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

BioPtr TextBio(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// The first certificate is ours, those after it are the chain.
bool UseCertificates(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = TextBio(pem);
  const X509Ptr own(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (const X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  }
  ERR_clear_error();  // the loop ends with "no more PEM"
  return true;
}

}  // namespace

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

base::Result<std::unique_ptr<TlsContext>> TlsContext::Make(const std::string& certificate_pem,
                                                           const std::string& key_pem) {
  auto impl = std::make_unique<Impl>();
  impl->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = impl->context.get();
  if (!context) return base::Fail(base::ErrorKind::kInternal, "TLS could not be set up");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  ERR_clear_error();
  if (!UseCertificates(context, certificate_pem)) {
    ERR_clear_error();
    return base::Fail(base::ErrorKind::kInvalid, "the certificate is not PEM, or not one this TLS library accepts");
  }
  const KeyPtr key(PEM_read_bio_PrivateKey(TextBio(key_pem).get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    ERR_clear_error();
    return base::Fail(base::ErrorKind::kInvalid, "the private key is not PEM, or does not belong to the certificate");
  }
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

struct Stream::Ssl {
  std::unique_ptr<SSL, Deleter<SSL_free>> ssl;
};

Stream::Stream(int descriptor) : descriptor_(descriptor) {}

Stream::~Stream() {
  if (!tls_.empty()) {
    ERR_clear_error();
    SSL_shutdown(ssl_->ssl.get());  // says goodbye if it can; nothing waits for the answer
  }
  ssl_.reset();
  close(descriptor_);
}

bool Stream::Wait(short events, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{descriptor_, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Io Stream::ReadPlain(char* buffer, std::size_t size, std::size_t& got, Deadline deadline) {
  for (;;) {
    const ssize_t count = recv(descriptor_, buffer, size, 0);
    if (count > 0) {
      got = static_cast<std::size_t>(count);
      return Io::kOk;
    }
    if (count == 0) return Io::kClosed;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::kClosed;
    if (!Wait(POLLIN, deadline)) return Io::kTimeout;
    if (reading_stopped_) return Io::kClosed;
  }
}

Io Stream::WaitForTls(int result, Deadline deadline) {
  switch (SSL_get_error(ssl_->ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
      if (reading_stopped_) return Io::kClosed;
      return Wait(POLLIN, deadline) ? Io::kOk : Io::kTimeout;
    case SSL_ERROR_WANT_WRITE:
      return Wait(POLLOUT, deadline) ? Io::kOk : Io::kTimeout;
    default:
      ERR_clear_error();
      return Io::kClosed;
  }
}

Io Stream::Read(std::string& bytes, Deadline deadline) {
  if (reading_stopped_) return Io::kClosed;
  std::array<char, kBlockBytes> block;
  std::size_t got = 0;
  if (!ssl_) {
    const Io io = ReadPlain(block.data(), block.size(), got, deadline);
    bytes.assign(block.data(), got);
    return io;
  }
  for (;;) {
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_->ssl.get(), block.data(), block.size(), &got);
    if (result == 1) {
      bytes.assign(block.data(), got);
      return Io::kOk;
    }
    if (const Io io = WaitForTls(result, deadline); io != Io::kOk) return io;
  }
}

Io Stream::WritePlain(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!Wait(POLLOUT, deadline)) return Io::kTimeout;
    } else if (errno != EINTR) {
      return Io::kClosed;
    }
  }
  return Io::kOk;
}

Io Stream::Write(std::string_view bytes, Deadline deadline) {
  if (!ssl_) return WritePlain(bytes, deadline);
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_->ssl.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) {
      bytes.remove_prefix(count);
    } else if (const Io io = WaitForTls(result, deadline); io != Io::kOk) {
      return io;
    }
  }
  return Io::kOk;
}

bool Stream::StartTls(const TlsContext& context, Deadline deadline) {
  ssl_ = std::make_unique<Ssl>();
  ssl_->ssl.reset(SSL_new(context.impl_->context.get()));
  SSL* ssl = ssl_->ssl.get();
  if (!ssl || SSL_set_fd(ssl, descriptor_) != 1) return false;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(ssl);
    if (result == 1) break;
    if (WaitForTls(result, deadline) != Io::kOk) return false;
  }
  tls_ = std::string(SSL_get_version(ssl)) + " " + SSL_get_cipher_name(ssl);
  return true;
}

void Stream::StopReading() {
  reading_stopped_ = true;
  shutdown(descriptor_, SHUT_RD);
}

void Stream::Abort() {
  reading_stopped_ = true;
  shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace sealpost::smtpd
