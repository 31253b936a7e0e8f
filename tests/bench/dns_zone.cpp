// A name server with the zones of many senders, complete as `sealpost check` wants them, whose answers come late.
//   bench_dns_zone --domains 500 --delay 20
// prints "port N" once it answers and, at SIGTERM, "questions N".
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "tests/bench/options.h"
#include "tests/support/fake_dns_server.h"

namespace {

using sealpost::tests::FakeDnsRecords;
using sealpost::tests::FakeDnsServer;
using sealpost::tests::FakeDnsZone;

std::string DkimRecord() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  std::string base64(static_cast<std::size_t>((length + 2) / 3 * 4 + 1), '\0');
  base64.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), der, length)));
  OPENSSL_free(der);
  EVP_PKEY_free(key);
  return "v=DKIM1; k=rsa; p=" + base64;
}

void AddSender(FakeDnsRecords& zone, const std::string& name, const std::string& dkim) {
  zone.AddSoa(name);
  zone.AddNs(name, "ns." + name);
  zone.AddA("ns." + name, "192.0.2.53");
  zone.AddA(name, "192.0.2.80");
  zone.AddTxt(name, "v=spf1 mx include:_spf." + name + " -all");
  zone.AddTxt("_spf." + name, "v=spf1 a:www." + name + " include:_spf.shared.example ~all");
  zone.AddA("www." + name, "192.0.2.80");
  for (const char* host : {"mx1.", "mx2."}) {
    zone.AddMx(name, 10, host + name);
    zone.AddA(host + name, "192.0.2.10");
    zone.AddAaaa(host + name, "2001:db8::10");
  }
  for (const char* selector : {"s1", "s2"}) zone.AddTxt(std::string(selector) + "._domainkey." + name, dkim);
  zone.AddTxt("_dmarc." + name, "v=DMARC1; p=reject; rua=mailto:dmarc@" + name);
  zone.AddTxt("_smtp._tls." + name, "v=TLSRPTv1; rua=mailto:tls@" + name);
}

// The four addresses that mail leaves from, 192.0.2.1 to .4.
void AddServers(FakeDnsRecords& zone) {
  zone.AddSoa("shared.example");
  zone.AddTxt("_spf.shared.example", "v=spf1 ip4:192.0.2.0/28 -all");
  for (const char* last : {"1", "2", "3", "4"}) {
    const std::string host = std::string("out") + last + ".shared.example";
    zone.AddA(host, std::string("192.0.2.") + last);
    zone.AddPtr(std::string(last) + ".2.0.192.in-addr.arpa", host);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const sealpost::bench::Options options(argc, argv);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);  // before the server's thread is there

  FakeDnsZone zone;
  const std::string dkim = DkimRecord();
  for (int i = 0; i < options.Number("--domains", 500); ++i)
    AddSender(zone, "d" + std::to_string(i) + ".example", dkim);
  AddServers(zone);
  FakeDnsServer server;
  server.Use(std::move(zone));
  server.SetDelay(std::chrono::milliseconds(options.Number("--delay", 0)));
  std::printf("port %d\n", server.port());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ends, &signal);
  std::printf("questions %zu\n", server.Count());
}
