// Macros of SPF (RFC 7208 7): their syntax and their expansion. Pure but for %{p}, whose name is handed in.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "dns/ip.h"

namespace sealpost::dns {

struct MacroValues {
  Ip ip;                                     // %{i}, %{c}, %{v}
  std::string sender;                        // %{s}, %{l}, %{o}: local part never empty (4.3: postmaster)
  std::string domain;                        // %{d}: the domain whose record is being evaluated
  std::string helo;                          // %{h}
  std::string receiver;                      // %{r}, in exp only; "unknown" if empty
  std::chrono::sys_seconds now{};            // %{t}, in exp only
  std::function<std::string()> validated{};  // %{p}: asked at most once an expansion; "unknown" if it is not given
};

enum class MacroPlace { kDomainSpec, kExplanation };  // c, r and t are for explanations only (7.2)

// Nothing, or the sentence that says what is wrong.
std::expected<void, std::string> CheckMacros(std::string_view text, MacroPlace place);
bool HasMacros(std::string_view text);
// True if the expansion differs between senders or addresses (any of s l o p i v h c r t).
bool VariesByMessage(std::string_view text);
// `text` has passed CheckMacros. In kDomainSpec a dot at the end is dropped and an expansion over 253 bytes loses
// labels from the left (7.3).
std::string ExpandMacros(std::string_view text, const MacroValues& values, MacroPlace place);
// An expansion as a name to ask for (name.h): SPF has no escapes, a backslash is a byte of its label.
std::string NameOf(std::string_view expanded);

}  // namespace sealpost::dns
