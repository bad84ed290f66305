#include "store/object_key.h"

#include <gtest/gtest.h>

#include <string>

namespace hubkeep {
namespace {

TEST(ObjectKey, TakesTheLongestAndNothingLonger) {
  std::string key;
  while (key.size() + 2 <= kMaxKeySize) key += "a/";
  key.back() = 'a';

  EXPECT_EQ(key.size(), kMaxKeySize);
  EXPECT_TRUE(is_valid_key(key));
  EXPECT_FALSE(is_valid_key(key + "a"));
}

TEST(ObjectKey, KeepsTheTemporaryFolderForTheStore) {
  EXPECT_FALSE(is_valid_key(".tmp"));
  EXPECT_FALSE(is_valid_key(".tmp/a"));
  EXPECT_TRUE(is_valid_key(".tmp2/a"));
  EXPECT_TRUE(is_valid_key("a/.tmp"));
}

TEST(ObjectKey, IsCutAtItsLastSlash) {
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(folder_of("c"), "");
  EXPECT_EQ(last_component("a/b/c"), "c");
  EXPECT_EQ(last_component("c"), "c");
}

}  // namespace
}  // namespace hubkeep
