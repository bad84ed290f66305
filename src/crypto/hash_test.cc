#include "crypto/hash.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace hubkeep
