#include "crypto/rs256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"
#include "crypto/base64.h"
#include "crypto/test_keys.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// RFC 7515 appendix A.2.1: the signing input, and the signature of it with the key of test_keys.h.
constexpr const char* kMessage =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr const char* kSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
    "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
    "wlVmtVrBp0igcN_IoypGlUPQGe77Rw";

std::string refusal_of(const std::string& pem) {
  const Error error = error_of([&] { Rs256Key::parse(pem); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  return error.message();
}

TEST(Rs256Key, SignsAsTheSpecificationsExampleDoes) {
  EXPECT_EQ(base64url(Rs256Key::parse(kTestKey).sign(kMessage)), kSignature);
}

TEST(Rs256Key, ReadsBothFormsAndOtherLineEnds) {
  std::string windows;
  for (const char c : std::string(kTestKey)) windows += c == '\n' ? "\r\n" : std::string(1, c);

  EXPECT_EQ(base64url(Rs256Key::parse(kTestKeyPkcs8).sign(kMessage)), kSignature);
  EXPECT_EQ(base64url(Rs256Key::parse(windows).sign(kMessage)), kSignature);
  EXPECT_EQ(base64url(Rs256Key::parse("a line before\n\n" + std::string(kTestKey)).sign(kMessage)),
            kSignature);
}

TEST(Rs256Key, SaysWhatIsWrongWithOthers) {
  EXPECT_THAT(refusal_of(""), HasSubstr("no PEM"));
  EXPECT_THAT(refusal_of("ghp_token"), AllOf(HasSubstr("no PEM"), Not(HasSubstr("ghp_token"))));
  EXPECT_THAT(refusal_of(kTestKeyEncrypted), HasSubstr("passphrase"));
  EXPECT_THAT(refusal_of(kTestKeyEncryptedPkcs8), HasSubstr("openssl rsa -in"));
  EXPECT_THAT(refusal_of(kTestPublicKey), HasSubstr("no private key"));
  EXPECT_THAT(refusal_of(kTestEllipticKey), HasSubstr("no RSA key"));
  EXPECT_THAT(refusal_of("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"),
              HasSubstr("OpenSSH"));
  EXPECT_THAT(refusal_of(std::string(kTestKey).substr(0, 500)), HasSubstr("damaged or cut"));
}

TEST(Rs256Key, NeverShowsTheKey) {
  const std::string cut = std::string(kTestKey).substr(0, 500);

  EXPECT_THAT(refusal_of(cut), Not(HasSubstr(cut.substr(100, 12))));
}

}  // namespace
}  // namespace hubkeep
