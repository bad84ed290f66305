#include "base/error_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

TEST(ErrorJson, HasKindAndMessage) {
  const Error error(ErrorKind::not_found, "there is no \"x\"");

  EXPECT_EQ(to_json(error).dump(), R"({"kind":"not_found","message":"there is no \"x\""})");
}

TEST(ErrorJson, IsReadAsItWasWritten) {
  const Error error = error_from_json(to_json(Error(ErrorKind::gave_up, "the other side began")));

  EXPECT_EQ(error.kind(), ErrorKind::gave_up);
  EXPECT_EQ(error.message(), "the other side began");
}

TEST(ErrorJson, ThrowsForWhatIsMissingOrOfAnotherType) {
  for (const char* text : {R"({"kind":"cold"})", R"({"message":"x"})", R"({"kind":1,"message":"x"})",
                           R"({"kind":"cold","message":1})", R"([])"}) {
    EXPECT_THROW(error_from_json(nlohmann::ordered_json::parse(text)), nlohmann::json::exception) << text;
  }
}

}  // namespace
}  // namespace hubkeep
