#include "api/app/registered_domains.h"

#include <memory>
#include <utility>

#include "dns/public_suffix.h"

namespace sealpost::app {

std::function<std::string(std::string_view)> RegisteredPart(const std::string& suffix_list_file, base::Log& log) {
  auto list = suffix_list_file.empty() ? dns::PublicSuffixList::FromSystem()
                                       : dns::PublicSuffixList::FromFile(suffix_list_file);
  if (!list) {
    log.Warn("public_suffixes_unknown",
             {{"error", list.error()}, {"effect", "each subdomain has a budget of its own in the limits of a domain"}});
    return {};
  }
  return [shared = std::make_shared<const dns::PublicSuffixList>(std::move(*list))](std::string_view name) {
    return shared->OrganizationalDomain(name);
  };
}

}  // namespace sealpost::app
