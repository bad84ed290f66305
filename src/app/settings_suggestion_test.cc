#include "app/settings_suggestion.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

const std::vector<std::string> kNames = {"only-owner", "to", "user", "org", "repo", "jobs", "token-file"};

TEST(Nearest, FindsTheNameThatWasMeant) {
  struct Case {
    std::string word;
    std::string name;
  };
  for (const Case& c :
       {Case{"onyl-owner", "only-owner"}, Case{"only_owner", "only-owner"}, Case{"ONLY-OWNERS", "only-owner"},
        Case{"job", "jobs"}, Case{"users", "user"}, Case{"tokenfile", "token-file"}})
    EXPECT_EQ(nearest(c.word, kNames), c.name) << c.word;
}

TEST(Nearest, FindsNothingForAnotherWord) {
  for (const char* word : {"frobnicate", "x", "", "zz"}) EXPECT_EQ(nearest(word, kNames), "") << word;
  EXPECT_EQ(nearest(std::string(100'000, 'a'), kNames), "");
}

TEST(Suggestion, IsEmptyWithoutANearName) {
  EXPECT_EQ(suggestion("job", kNames), "; did you mean 'jobs'?");
  EXPECT_EQ(suggestion("frobnicate", kNames), "");
}

}  // namespace
}  // namespace hubkeep
