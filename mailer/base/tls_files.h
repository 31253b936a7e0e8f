// Certificates and keys as files: making a self-signed pair for development, checking a pair before it is used.
#pragma once

#include <string>

#include "mailer/base/error.h"

namespace sealpost::base {

struct CertificatePair {
  std::string certificate_pem;
  std::string key_pem;
};

// A P-256 certificate for `name` (as common name and subjectAltName, DNS or IP), valid for `days`.
Result<CertificatePair> MakeSelfSigned(const std::string& name, int days);
// The pair belongs together, is not expired and the key file is private; the error names file and fault.
Result<void> CheckPair(const std::string& certificate_file, const std::string& key_file);

}  // namespace sealpost::base
