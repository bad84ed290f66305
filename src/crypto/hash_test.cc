#include "crypto/hash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/text.h"

namespace hubkeep {
namespace {

TEST(Hash, AgreesWithThePublishedVectors) {
  Hasher sha1(HashKind::sha1);
  sha1.write("a");
  sha1.write("bc");

  EXPECT_EQ(to_hex(sha1.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180-4 example
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, BeginsAnew) {
  Hasher sha1(HashKind::sha1);
  sha1.write("something");
  sha1.finish();
  sha1.restart();
  sha1.write("given up");
  sha1.restart();
  sha1.write("abc");

  EXPECT_EQ(to_hex(sha1.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Hash, Md5AgreesWithRfc1321) {
  Hasher md5(HashKind::md5);

  md5.write("message digest");

  EXPECT_EQ(to_hex(md5.finish()), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Hash, Md5OfAllAtOnceIsTheSame) {
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Hash, Md5IsNothingWhereAHostForbidsIt) {
  ASSERT_EQ(EVP_set_default_properties(nullptr, "fips=yes"), 1);
  const auto digest = md5_hex("message digest");
  ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);

  EXPECT_EQ(digest, std::nullopt);
  EXPECT_TRUE(md5_hex("message digest"));
}

TEST(Hash, HmacAgreesWithRfc4231) {
  const auto code = hmac_sha256("Jefe", "what do ya want for nothing?");

  EXPECT_EQ(to_hex(code), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hash, HmacTakesAnEmptyMessageAndALongKey) {
  EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(
      to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace hubkeep
