#include "crypto/base64.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(Base64, AgreesWithThePublishedVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");  // RFC 4648 section 10
}

TEST(Base64, IsDecodedOrRefused) {
  for (const char* text : {"", "f", "fo", "foo", "foobar"}) EXPECT_EQ(base64_decode(base64(text)), text);
  for (const char* text : {"Zg=", "Zm9v!mFy", "====", "Z"}) EXPECT_THROW(base64_decode(text), Error) << text;
}

TEST(Base64, HasAFormForUrls) {
  EXPECT_EQ(base64url("\xfb\xff\xfe\xfb"), "-__--w");  // "+//++w==" in the usual form
  EXPECT_EQ(base64url(""), "");
}

}  // namespace
}  // namespace hubkeep
