#include "cli/list_missing.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

MetaPart part() {
  MetaPart meta;
  meta.counts = {{"comment", {.kept = 12, .github = 14}},
                 {"issue", {.kept = 3, .github = 3}},
                 {"hook", {.kept = 1, .github = {}}}};
  meta.not_permitted = {{"hook", "repository_hooks=read"}, {"secret", ""}};
  meta.lacking = {{"review_comment", "GitHub gives out no more than 40,000"}};
  return meta;
}

TEST(ListMissing, SaysOfEachKindWhatIsMissingAndWhy) {
  EXPECT_EQ(missing_text("acme/site", part()),
            "acme/site  comment: 12 in the vault, 14 on GitHub; nothing explains it\n"
            "acme/site  hook: the token lacks the permission repository_hooks=read\n"
            "acme/site  secret: the token may not see it\n"
            "acme/site  review_comment: GitHub gives out no more than 40,000\n");
}

TEST(ListMissing, SaysTheSameAsJson) {
  const auto json = missing_json(part());

  ASSERT_EQ(json.size(), 4U);
  EXPECT_EQ(json[0].dump(), R"({"kind":"comment","kept":12,"github":14,"why":null})");
  EXPECT_EQ(
      json[1].dump(),
      R"({"kind":"hook","kept":1,"github":null,"why":"the token lacks the permission repository_hooks=read"})");
}

TEST(ListMissing, SaysNothingWhereNothingIsMissing) {
  EXPECT_EQ(missing_text("acme/site", {}), "");
}

}  // namespace
}  // namespace hubkeep
