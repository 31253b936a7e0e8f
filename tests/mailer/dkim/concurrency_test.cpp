// Many threads over the same keys, and the count of parses that makes signing fast.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/mailer/dkim/samples.h"

namespace {

std::atomic<int> parses = 0;

}  // namespace

// Stands before OpenSSL's own, for this program and for libopendkim in it, and counts the real parses.
extern "C" EVP_PKEY* PEM_read_bio_PrivateKey(BIO* bio, EVP_PKEY** out, pem_password_cb* ask, void* context) {
  ++parses;
  using Function = decltype(&PEM_read_bio_PrivateKey);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "PEM_read_bio_PrivateKey"));
  return next(bio, out, ask, context);
}

namespace sealpost::dkim {
namespace {

TEST_CASE("a key is parsed once, at load, and never again") {
  samples::BothKeys();
  for (const Algorithm algorithm : {Algorithm::kRsaSha256, Algorithm::kEd25519Sha256}) {
    const auto pem = Key::Generate(algorithm);
    const int before = parses.load();
    const auto key = Key::Parse("example.com", "s1", pem->Reveal());
    REQUIRE(key);
    CHECK(parses.load() == before + 1);
    for (int i = 0; i < 20; ++i) {
      const auto signature = Sign(samples::Message(), {&*key, 1}, samples::Now());
      REQUIRE(signature);
      REQUIRE(Verify(*signature + samples::Message(), samples::LookUp));
    }
    CHECK(parses.load() == before + 1);
  }
}

TEST_CASE("threads sign with the same keys and verify at the same time") {
  samples::BothKeys();
  std::atomic<int> good = 0;
  constexpr int kThreads = 6;
  constexpr int kRounds = 20;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&good, thread] {
        for (int round = 0; round < kRounds; ++round) {
          const std::string message =
              samples::Message() + std::to_string(thread) + "." + std::to_string(round) + "\r\n";
          const std::string mail = samples::Signed(message);
          if (samples::Results(mail) == "pass pass" && samples::Results(mail + "x\r\n") == "fail fail") ++good;
        }
      });
    }
  }
  CHECK(good.load() == kThreads * kRounds);
}

TEST_CASE("threads load keys at the same time") {
  const auto pem = Key::Generate(Algorithm::kRsaSha256);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] { good += Key::Parse("example.com", "s1", pem->Reveal()).has_value(); });
    }
  }
  CHECK(good.load() == 4);
}

}  // namespace
}  // namespace sealpost::dkim
