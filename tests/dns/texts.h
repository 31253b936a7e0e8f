// Texts that the tests of several records are made of.
#pragma once

#include <cstddef>
#include <string>

namespace sealpost::tests {

inline std::string Repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// RFC 8463 A.2: the key of selector brisbane, and RFC 8032 7.1 test 1 whose key it is.
inline const std::string kEd25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
// 2048 bits.
inline const std::string kRsa =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzqVTdb9PR4WOB+oyKzu23NsrfPEavwAtSzIiMLmkMDELotUgkMGOjKyN8c+IeW7KPpZx"
    "sW+oWFbCVhWJVGZQDVyCFg3Vvw/ucQ5AmsaAyhQFda02S7dmSTCfV36U4vPMI7ajBkvdwalssL4doQuwBXdhLaAyw8VVUAjoFoW1qR3LxDORPRyn"
    "ykkxzwBCAS87XzPwpjmn1CaD+rLQkKIhfep/daRBNY1QyxJpIVihKmUYBblWRoBmzvqDETbf7v/ns/Ibj5uFVagWN8z7O/qhCGaxFTYqGtESPEzL"
    "f0s4lsc3wmEmVgTQ66f8+4vFouv+MjWBlYkFRskWK15w8XzGswIDAQAB";

}  // namespace sealpost::tests
