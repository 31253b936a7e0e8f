#include "api/http/listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <string_view>

#include "mailer/base/tls_files.h"

namespace sealpost::http {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr int kBacklog = 1024;

// Forward secrecy and authenticated encryption only; the suites of TLS 1.3 are all of that kind.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

std::unexpected<base::Error> CannotListen(const std::string& listen, const std::string& why) {
  return base::Fail(base::ErrorKind::kUnavailable, "cannot listen on " + listen + ": " + why, "listen");
}

}  // namespace

base::Result<Poco::Net::Context::Ptr> MakeTls(const ServerOptions& options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return base::Fail(base::ErrorKind::kInvalid, "certificate_file and key_file belong together: give both or none",
                      "certificate_file");
  }
  if (options.certificate_file.empty()) return Poco::Net::Context::Ptr();
  if (auto checked = base::CheckPair(options.certificate_file, options.key_file); !checked) {
    return std::unexpected(checked.error());
  }
  try {
    Poco::Net::initializeSSL();
    Poco::Net::Context::Params params;
    params.certificateFile = options.certificate_file;
    params.privateKeyFile = options.key_file;
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    params.cipherList = kCiphers;
    Poco::Net::Context::Ptr context(new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params));
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    // A ticket key that is never rotated would undo forward secrecy.
    context->disableStatelessSessionResumption();
    return context;
  } catch (const Poco::Exception& error) {
    return base::Fail(base::ErrorKind::kInvalid,
                      "the certificate " + options.certificate_file + " cannot be used: " + error.displayText(),
                      "certificate_file");
  }
}

namespace {

base::Result<void> ClearUnixPath(const std::string& listen, const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return base::Fail(base::ErrorKind::kInvalid, "listen: the path of a unix socket has 1 to 107 bytes", "listen");
  }
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return {};
  if (!S_ISSOCK(facts.st_mode)) return CannotListen(listen, "the file is there and is no socket");
  try {
    Poco::Net::StreamSocket probe;
    probe.connect(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path));
    return CannotListen(listen, "another process is listening there");
  } catch (const Poco::Exception&) {
    ::unlink(path.c_str());  // left behind by a process that died
  }
  return {};
}

base::Result<Listener> OpenUnix(const ServerOptions& options) {
  Listener listener;
  listener.unix_path = options.listen.substr(kUnixPrefix.size());
  if (auto cleared = ClearUnixPath(options.listen, listener.unix_path); !cleared) {
    return std::unexpected(cleared.error());
  }
  try {
    listener.socket.bind(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, listener.unix_path), false,
                         false);
    // Between bind and listen nobody can connect, so there is no moment in which others could.
    if (::chmod(listener.unix_path.c_str(), 0600) != 0) return CannotListen(options.listen, "its mode cannot be set");
    listener.socket.listen(kBacklog);
  } catch (const Poco::Exception& error) {
    return CannotListen(options.listen, error.displayText());
  }
  return listener;
}

}  // namespace

base::Result<Listener> OpenListener(const ServerOptions& options) {
  if (options.listen.starts_with(kUnixPrefix)) return OpenUnix(options);
  auto tls = MakeTls(options);
  if (!tls) return std::unexpected(tls.error());
  Listener listener;
  listener.tls = *tls;
  try {
    const Poco::Net::SocketAddress address(options.listen);
    if (!address.host().isLoopback() && listener.tls.isNull() && options.trusted_proxies.empty()) {
      return base::Fail(base::ErrorKind::kInvalid,
                        "listen: " + options.listen +
                            " is reachable from outside; give certificate_file and key_file, or trusted_proxies",
                        "listen");
    }
    // Not the port shared with another process: two servers would take turns unnoticed.
    listener.socket.bind(address, true, false);
    listener.socket.listen(kBacklog);
  } catch (const Poco::Exception& error) {
    return CannotListen(options.listen, error.displayText());
  }
  return listener;
}

}  // namespace sealpost::http
