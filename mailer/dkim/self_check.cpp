#include "mailer/dkim/self_check.h"

#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/dkim/signer.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::dkim {

base::Result<void> SelfCheck(const std::shared_ptr<const Key>& key) {
  const std::string probe = "From: probe@" + key->domain() + "\r\nTo: probe@" + key->domain() +
                            "\r\nSubject: a probe of this key\r\n\r\nIt never leaves the house.\r\n";
  const auto lookup = [&key](std::string_view name) {
    return name == key->DnsName() ? std::optional(key->DnsRecord()) : std::nullopt;
  };
  // libopendkim compares with the system's clock, so the probe is signed by that clock too.
  const auto signature = Sign(probe, {&key, 1}, base::SystemClock().Now());
  if (!signature) return std::unexpected(signature.error());
  const auto results = Verify(*signature + probe, lookup);
  if (!results) return std::unexpected(results.error());
  if (results->size() == 1 && results->front().result == "pass") return {};
  const std::string reason = results->empty() ? "no signature seen" : results->front().detail;
  return base::Fail(base::ErrorKind::kInvalid, "libopendkim does not accept what the DKIM key of " + key->DnsName() +
                                                   " signs (" + reason + "): make a new key");
}

}  // namespace sealpost::dkim
