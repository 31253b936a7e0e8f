// "Did you mean ...?" for names that are not known.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sealpost::base {

// Characters to insert, drop or replace to make one text the other.
std::size_t EditDistance(std::string_view left, std::string_view right);

// The known name that `name` most likely was meant to be; empty if none is near.
std::string_view Nearest(std::string_view name, std::span<const std::string_view> known);

// "; did you mean NAME?", or nothing.
std::string DidYouMean(std::string_view name, std::span<const std::string_view> known);

}  // namespace sealpost::base
