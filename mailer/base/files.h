// Whole files, read and written with care.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::base {

// Errors name the path. `limit` bytes at most.
Result<std::string> ReadFile(const std::string& path, std::size_t limit = 64u << 20);
// Writes a temporary file beside it, syncs, renames, syncs the folder: a reader sees the old or the new text.
Result<void> WriteFile(const std::string& path, std::string_view text, unsigned mode = 0600);
Result<void> MakeFolder(const std::string& path, unsigned mode = 0700);

}  // namespace sealpost::base
