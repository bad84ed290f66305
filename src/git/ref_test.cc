#include "git/ref.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(RefName, AcceptsWhatGitAccepts) {
  for (const char* name : {"refs/heads/main", "refs/heads/a/b.c", "refs/tags/v1.0", "refs/pull/1/head",
                           "refs/x", "refs/heads/Grüße", "refs/heads/@", "refs/heads/-x"}) {
    EXPECT_TRUE(is_valid_ref_name(name)) << name;
  }
}

TEST(RefName, RefusesWhatGitRefuses) {
  for (const std::string& name : {std::string("HEAD"),
                                  std::string("refs/"),
                                  std::string("refs/heads/"),
                                  std::string("refs/heads//a"),
                                  std::string("refs/heads/../../x"),
                                  std::string("refs/heads/.hidden"),
                                  std::string("refs/heads/a.lock"),
                                  std::string("refs/heads/a.lock/b"),
                                  std::string("refs/heads/a."),
                                  std::string("refs/heads/a b"),
                                  std::string("refs/heads/a\nb"),
                                  std::string("refs/heads/a\x1b[1m"),
                                  std::string("refs/heads/a\0b", 14),
                                  std::string("refs/heads/a~1"),
                                  std::string("refs/heads/a^"),
                                  std::string("refs/heads/a:b"),
                                  std::string("refs/heads/a?"),
                                  std::string("refs/heads/*"),
                                  std::string("refs/heads/[a"),
                                  std::string("refs/heads/a\\b"),
                                  std::string("refs/heads/a@{1}")}) {
    EXPECT_FALSE(is_valid_ref_name(name)) << name;
  }
}

TEST(TestMerge, IsOnlyThePullRequestMerge) {
  EXPECT_TRUE(is_test_merge("refs/pull/12/merge"));
  EXPECT_FALSE(is_test_merge("refs/pull/12/head"));
  EXPECT_FALSE(is_test_merge("refs/heads/merge"));
}

}  // namespace
}  // namespace hubkeep
