#include "crypto/hash.h"

#include <openssl/evp.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

struct Hasher::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Hasher::Hasher(HashKind kind) : state_(new State) {
  const EVP_MD* algorithm = kind == HashKind::sha1 ? EVP_sha1() : EVP_sha256();
  if (EVP_DigestInit_ex(state_->context.get(), algorithm, nullptr) != 1) {
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

std::string sha256_hex(std::string_view bytes) {
  Hasher hasher(HashKind::sha256);
  hasher.write(bytes);
  return to_hex(hasher.finish());
}

}  // namespace hubkeep
