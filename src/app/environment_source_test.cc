#include "app/environment_source.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hubkeep {
namespace {

TEST(Environment, HoldsWhatTheProcessHas) {
  ASSERT_EQ(setenv("ENVIRONMENT_SOURCE_TEST", "a=b", 1), 0);

  const Environment environment = read_environment();

  EXPECT_EQ(environment.at("ENVIRONMENT_SOURCE_TEST"), "a=b");
  EXPECT_TRUE(environment.contains("PATH"));
}

}  // namespace
}  // namespace hubkeep
