#include <algorithm>

#include "dns/checks/dkim_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

// Larger answers leave the datagram that resolvers agree on; who misses TCP misses the key.
void CheckAnswerSizes(Context& context, const std::vector<SelectorView>& views) {
  constexpr std::size_t kDatagram = 1232;
  for (const SelectorView& view : views) {
    if (!view.answer.Told() || view.answer.records.empty()) continue;
    const std::string size = "The answer has " + std::to_string(view.answer.bytes) + " bytes";
    if (view.answer.bytes > kDatagram) {
      context.findings.Warn(
          "DKIM-SIZE",
          view.See(size + (view.answer.over_tcp ? " and came over TCP." : ", more than a datagram is sure to carry.")));
    } else {
      context.findings.Pass("DKIM-SIZE", {.name = view.name, .detail = size + "."});
    }
  }
}

void CheckWildcards(Context& context, const std::vector<SelectorView>& views) {
  std::vector<std::string> asked;
  for (const SelectorView& view : views) {
    const std::string name = RandomLabel() + "._domainkey." + view.signer->domain;
    if (std::ranges::find(asked, name) != asked.end()) continue;
    asked.push_back(name);
    const Answer answer = context.Ask(name, Type::kTxt);
    if (!answer.Told()) {
      context.findings.Unknown("DKIM-WILDCARD", {.name = name, .detail = Trouble(answer, name) + "."});
    } else if (answer.records.empty()) {
      context.findings.Pass("DKIM-WILDCARD", {.name = name});
    } else {
      context.findings.Warn(
          "DKIM-WILDCARD",
          {.name = name, .records = Raw(answer), .detail = "A selector that nobody publishes has a TXT record."});
    }
  }
}

}  // namespace

void CheckDkim(Context& context) {
  const Sender& sender = context.sender;
  if (sender.signers.empty()) {
    return context.findings.Unknown(
        "DKIM-NONE", {.name = "_domainkey." + sender.domain,
                      .detail = "No selector is known, and the DNS does not list them: give it with --selector, or a "
                                "configuration that has the keys with --config."});
  }
  std::vector<SelectorView> views;
  for (const Signer& signer : sender.signers) views.push_back(CheckSelector(context, signer));
  CheckKeys(context, views);
  CheckAnswerSizes(context, views);
  CheckWildcards(context, views);
  context.signed_by_us = std::ranges::any_of(views, [](const SelectorView& view) { return view.key && view.sound; });
}

}  // namespace sealpost::dns
