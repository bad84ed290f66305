#include "base/json_depth.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + "1" +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(JsonDepth, IsBounded) {
  EXPECT_FALSE(is_nested_too_deep(nested(kMaxJsonDepth)));
  EXPECT_TRUE(is_nested_too_deep(nested(kMaxJsonDepth + 1)));
  EXPECT_THROW(check_json_depth(std::string(1000, '{')), Error);
}

TEST(JsonDepth, IsThatOfBracketsOutsideOfStrings) {
  const std::string brackets(1000, '[');

  EXPECT_FALSE(is_nested_too_deep("{\"a\": \"" + brackets + "\"}"));
  EXPECT_FALSE(is_nested_too_deep("[\"\\\"" + brackets + "\"]"));
  EXPECT_TRUE(is_nested_too_deep("[\"\\\\\"," + brackets));
  EXPECT_FALSE(is_nested_too_deep("[" + nested(60) + "," + nested(60) + "]"));
}

}  // namespace
}  // namespace hubkeep
