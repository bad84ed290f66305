// Signatures with an RSA private key, as JSON Web Tokens want them (RS256, RFC 7518 section 3.3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hubkeep {

/// An RSA private key. Copies share it; thread-safe.
class Rs256Key {
 public:
  /// Reads PEM, PKCS#1 ("RSA PRIVATE KEY", GitHub's form) or PKCS#8 ("PRIVATE KEY"). Throws Error(invalid)
  /// for anything else, which says what it is and never shows it.
  static Rs256Key parse(std::string_view pem);

  /// The raw signature of `message`.
  std::string sign(std::string_view message) const;

 private:
  struct Native;
  explicit Rs256Key(std::shared_ptr<const Native> native) : native_(std::move(native)) {}

  std::shared_ptr<const Native> native_;
};

}  // namespace hubkeep
