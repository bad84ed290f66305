#include "git/oid.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(Oid, IsReadBackAsWritten) {
  const std::string sha1 = "0123456789abcdef0123456789abcdef01234567";
  const std::string sha256 = sha1 + "89abcdef0123456789abcdef";

  EXPECT_EQ(Oid::parse(sha1)->hex(), sha1);
  EXPECT_EQ(Oid::parse(sha256)->hex(), sha256);
  EXPECT_EQ(Oid::parse(sha256)->format(), ObjectFormat::sha256);
}

TEST(Oid, IsMadeOfRawBytes) {
  const std::string raw = "\x01\x23" + std::string(30, '\xff');

  EXPECT_EQ(Oid::from_raw(raw, ObjectFormat::sha256).hex(), "0123" + std::string(60, 'f'));
  EXPECT_EQ(Oid::from_raw(raw, ObjectFormat::sha1), *Oid::parse("0123" + std::string(36, 'f')));
}

TEST(Oid, RefusesAnythingElse) {
  for (const std::string& text :
       {std::string(), std::string(39, 'a'), std::string(40, 'A'), std::string(40, 'g')}) {
    EXPECT_FALSE(Oid::parse(text).has_value()) << text;
  }
}

TEST(Oid, ZeroMeansNoObject) {
  EXPECT_TRUE(Oid::parse(std::string(40, '0'))->is_zero());
  EXPECT_FALSE(Oid::parse(std::string(39, '0') + "1")->is_zero());
}

}  // namespace
}  // namespace hubkeep
