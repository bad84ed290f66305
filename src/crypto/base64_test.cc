#include "crypto/base64.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(Base64, AgreesWithThePublishedVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");  // RFC 4648 section 10
}

}  // namespace
}  // namespace hubkeep
