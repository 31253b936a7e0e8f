// An exclusive advisory lock on a file (flock), held as long as the object lives and gone with the process.
#pragma once

#include <string>

#include "mailer/base/error.h"

namespace sealpost::base {

class FileLock {
 public:
  // Does not wait: kConflict if another process holds it. Makes the file (mode 0600) if there is none.
  static Result<FileLock> Take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace sealpost::base
