// Certificates made while a test runs: an authority, and servers that it vouches for.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>

namespace hubkeep {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

struct TestCertificate {
  KeyPtr key;
  CertificatePtr certificate;
};

/// A self-signed authority.
TestCertificate make_authority(const std::string& name);

/// A certificate for `subject_alternative_name` ("IP:127.0.0.1", "DNS:host.test"), signed by `authority`,
/// that was valid for a day until `expires_in` from now.
TestCertificate make_server_certificate(const TestCertificate& authority,
                                        const std::string& subject_alternative_name,
                                        std::chrono::seconds expires_in);

void write_pem(const TestCertificate& certificate, const std::string& path);
void write_key_pem(const TestCertificate& certificate, const std::string& path);

}  // namespace hubkeep
