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

TEST(Log, MarksANoteSoThatPeopleAndProgramsKnowIt) {
  testing::internal::CaptureStderr();
  log_notice("look at this");
  const std::string text = testing::internal::GetCapturedStderr();
  testing::internal::CaptureStderr();
  set_log_format(LogFormat::json);
  log_notice("look at this");
  set_log_format(LogFormat::text);

  EXPECT_EQ(text, "note: look at this\n");
  EXPECT_TRUE(testing::internal::GetCapturedStderr().ends_with(
      "\"level\":\"warning\",\"message\":\"look at this\",\"event\":\"notice\"}\n"));
}

}  // namespace
}  // namespace hubkeep
