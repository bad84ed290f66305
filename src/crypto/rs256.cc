#include "crypto/rs256.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

[[noreturn]] void refuse(const char* reason) {
  throw Error(ErrorKind::invalid, reason);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// By the labels of RFC 7468 and of OpenSSL's and OpenSSH's own forms, before OpenSSL says something general.
void check_label(std::string_view pem) {
  if (!contains(pem, "-----BEGIN "))
    refuse("it is no PEM: what is wanted begins with -----BEGIN RSA PRIVATE KEY-----, as GitHub gives it");
  if (contains(pem, "ENCRYPTED"))
    refuse(
        "the key is protected by a passphrase, which nobody can type here: take it off with `openssl rsa -in "
        "FILE -out FILE.plain`");
  if (contains(pem, "BEGIN OPENSSH PRIVATE KEY"))
    refuse("it is a key of OpenSSH's: what is wanted is the private key that GitHub made for the App");
  if (!contains(pem, "PRIVATE KEY-----"))
    refuse("it holds no private key: what is wanted is the .pem file that GitHub made for the App");
}

// OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

struct Rs256Key::Native {
  KeyPtr key;
};

Rs256Key Rs256Key::parse(std::string_view pem) {
  check_label(pem);
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (!bio) throw Error(ErrorKind::internal, "OpenSSL has no memory");
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free);
  ERR_clear_error();  // the next caller's errors are its own
  if (!key) refuse("the private key cannot be read: it is damaged or cut");
  if (!EVP_PKEY_is_a(key.get(), "RSA")) refuse("it is no RSA key, and GitHub's Apps have no other");
  return Rs256Key(std::make_shared<const Native>(Native{std::move(key)}));
}

std::string Rs256Key::sign(std::string_view message) const {
  const ContextPtr context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(native_->key.get())), '\0');
  std::size_t size = signature.size();
  const bool signed_ =
      context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, native_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  ERR_clear_error();
  if (!signed_) throw Error(ErrorKind::invalid, "nothing can be signed with this RSA key");
  signature.resize(size);
  return signature;
}

}  // namespace hubkeep
