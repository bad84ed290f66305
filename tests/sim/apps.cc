#include "sim/apps.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "sim/http_message.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

std::string decoded(std::string_view part) {
  std::string text(part);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return base64_decode(text);
}

bool verify(EVP_PKEY* key, std::string_view text, const std::string& signature) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

}  // namespace

std::optional<AppClaims> read_claims(const std::string& token) {
  auto parts = split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  json header = json::parse(decoded(parts[0]), nullptr, false);
  json claims = json::parse(decoded(parts[1]), nullptr, false);
  if (!header.is_object() || !claims.is_object() || header.value("alg", "") != "RS256") return std::nullopt;
  json issuer = claims.value("iss", json());
  json issued_at = claims.value("iat", json());
  json expires_at = claims.value("exp", json());
  if (!issued_at.is_number_integer() || !expires_at.is_number_integer()) return std::nullopt;
  return AppClaims{issuer.is_string() ? issuer.get<std::string>() : issuer.dump(),
                   issued_at.get<std::int64_t>(), expires_at.get<std::int64_t>()};
}

bool is_signed_with(const std::string& token, const std::string& public_key) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())), &BIO_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  auto dot = token.rfind('.');
  return key && dot != std::string::npos &&
         verify(key.get(), std::string_view(token).substr(0, dot), decoded(token.substr(dot + 1)));
}

}  // namespace hubkeep::sim
