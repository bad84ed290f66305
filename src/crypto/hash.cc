#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

struct Hasher::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

namespace {

const EVP_MD* algorithm(HashKind kind) {
  switch (kind) {
    case HashKind::md5:
      return EVP_md5();
    case HashKind::sha1:
      return EVP_sha1();
    case HashKind::sha256:
      break;
  }
  return EVP_sha256();
}

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Hasher::Hasher(HashKind kind) : state_(new State) {
  if (EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr) != 1) {
    throw Error(ErrorKind::internal, "OpenSSL cannot compute this hash");
  }
}

Hasher::~Hasher() = default;

void Hasher::write(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) {
    throw Error(ErrorKind::internal, "OpenSSL failed to hash");
  }
}

std::string Hasher::finish() {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) !=
      1) {
    throw Error(ErrorKind::internal, "OpenSSL failed to hash");
  }
  digest.resize(size);
  return digest;
}

void Hasher::restart() {
  if (EVP_DigestInit_ex(state_->context.get(), nullptr, nullptr) != 1) {
    throw Error(ErrorKind::internal, "OpenSSL cannot compute this hash again");
  }
}

std::string sha256_hex(std::string_view bytes) {
  Hasher hasher(HashKind::sha256);
  hasher.write(bytes);
  return to_hex(hasher.finish());
}

std::optional<std::string> md5_hex(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_md5(), nullptr) != 1) {
    return std::nullopt;
  }
  digest.resize(size);
  return to_hex(digest);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string code(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(message), message.size(),
           reinterpret_cast<unsigned char*>(code.data()), &size) == nullptr) {
    throw Error(ErrorKind::internal, "OpenSSL failed to hash");
  }
  code.resize(size);
  return code;
}

}  // namespace hubkeep
