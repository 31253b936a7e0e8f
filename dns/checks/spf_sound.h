// The record that mends all that is wrong with one at once, so that the fixes of several findings agree. Only for
// dns/checks.
#pragma once

#include <map>
#include <span>
#include <string>

#include "dns/checks/context.h"

namespace sealpost::dns {

// The DNS as it would be with other SPF records: asked for TXT at one of these names, this is what stands there.
class Republished final : public Resolver {
 public:
  Republished(Resolver& as_it_is, std::string name, std::string text);
  Answer Ask(const Question& question, Deadline deadline) override;
  void Prefetch(std::span<const Question> questions) override { as_it_is_.Prefetch(questions); }

 private:
  Resolver& as_it_is_;
  std::string name_;
  std::string text_;
};

// A readable record of the domain without what is dead, circular, open to everybody or over a limit, all last. Every
// address of the sender passes by it.
std::string SoundSpf(const Context& context, const std::string& domain, const std::string& text);
// The record with terms for those addresses that had passed and no longer do; for records that others include.
std::string StillPassing(const Context& context, const std::string& domain, const std::string& before,
                         const std::string& after);
// The top-level term by which addresses that no sender of mail has pass, each of those looked at in IPv4, or in IPv6;
// empty: they do not. Whoever lets these pass lets everybody pass.
std::string PassesStrangers(Resolver& resolver, const std::string& domain, Deadline deadline);
// Most lookups that a sender can cause with this record (4.6.4).
int LookupsOf(const Context& context, const std::string& domain, const std::string& text);

}  // namespace sealpost::dns
