#include "base/log.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(Log, EscapesControlCharacters) {
  testing::internal::CaptureStderr();

  log_info("name \x1b[31m{}", "x");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "name \\x1b[31mx\n");
}

TEST(Log, HidesDetailsUnlessAsked) {
  set_log_level(LogLevel::normal);
  testing::internal::CaptureStderr();

  log_debug("detail");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace hubkeep
