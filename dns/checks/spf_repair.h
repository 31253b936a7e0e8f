// Guessing what a misspelt SPF term was meant to be. Every guess is a term that can be read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

struct TermRepair {
  std::vector<std::string> words;  // empty: nothing readable can be made of it
  bool took_next = false;          // the next word belonged to it: "ip4:" and "192.0.2.1"
};
TermRepair RepairTerm(const std::string& word, const std::string& next);
// The text with its version as it must be: " 'v=spf1; a -all" begins with v=spf1 and a space, its semicolons are gone.
std::string RepairedVersion(std::string_view text);

}  // namespace sealpost::dns
