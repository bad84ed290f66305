#include "http/test_certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace hubkeep {
namespace {

constexpr std::chrono::seconds kDay = std::chrono::hours(24);

void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL failed");
}

TestCertificate make_unsigned(const std::string& name, std::chrono::seconds expires_in) {
  TestCertificate made{KeyPtr(EVP_EC_gen("P-256"), &EVP_PKEY_free), CertificatePtr(X509_new(), &X509_free)};
  require(made.key != nullptr && made.certificate != nullptr);
  X509* certificate = made.certificate.get();
  static long serial = 0;
  require(X509_set_version(certificate, X509_VERSION_3) == 1);
  require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), static_cast<long>((expires_in - kDay).count()));
  X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(expires_in.count()));
  require(X509_set_pubkey(certificate, made.key.get()) == 1);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

using FilePtr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

FilePtr create_file(const std::string& path) {
  FilePtr file(std::fopen(path.c_str(), "w"), &std::fclose);
  require(file != nullptr);
  return file;
}

void sign(const TestCertificate& made, const TestCertificate& issuer) {
  require(X509_set_issuer_name(made.certificate.get(), X509_get_subject_name(issuer.certificate.get())) == 1);
  require(X509_sign(made.certificate.get(), issuer.key.get(), EVP_sha256()) > 0);
}

}  // namespace

TestCertificate make_authority(const std::string& name) {
  TestCertificate made = make_unsigned(name, kDay - std::chrono::hours(1));
  add_extension(made.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(made, made);
  return made;
}

TestCertificate make_server_certificate(const TestCertificate& authority,
                                        const std::string& subject_alternative_name,
                                        std::chrono::seconds expires_in) {
  TestCertificate made = make_unsigned("test server", expires_in);
  add_extension(made.certificate.get(), NID_subject_alt_name, subject_alternative_name);
  sign(made, authority);
  return made;
}

void write_pem(const TestCertificate& certificate, const std::string& path) {
  const FilePtr file = create_file(path);
  require(PEM_write_X509(file.get(), certificate.certificate.get()) == 1);
}

void write_key_pem(const TestCertificate& certificate, const std::string& path) {
  const FilePtr file = create_file(path);
  require(PEM_write_PrivateKey(file.get(), certificate.key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
}

}  // namespace hubkeep
