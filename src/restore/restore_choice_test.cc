#include "restore/restore_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

TEST(ChooseContents, TakesAllUnlessSomebodySaysOtherwise) {
  EXPECT_EQ(choose_contents("", ""), RestoreChoice());
  EXPECT_EQ(choose_contents("all", ""), RestoreChoice());
  EXPECT_TRUE(choose_contents("", "").history);
  EXPECT_TRUE(choose_contents("", "").has_gists());
}

TEST(ChooseContents, TakesWhatIsNamedAlone) {
  EXPECT_EQ(choose_contents("git", ""), (RestoreChoice{.history = true, .kinds = {}}));
  EXPECT_EQ(choose_contents("wiki, lfs", ""),
            (RestoreChoice{.history = false, .kinds = {ContentKind::wiki, ContentKind::lfs}}));
  EXPECT_TRUE(choose_contents("starred-gists", "").has_gists());
}

TEST(ChooseContents, LeavesOutWhatIsNotWanted) {
  const RestoreChoice choice = choose_contents("", "lfs,git");

  EXPECT_FALSE(choice.history);
  EXPECT_FALSE(choice.has(ContentKind::lfs));
  EXPECT_TRUE(choice.has(ContentKind::releases));
  EXPECT_EQ(choose_contents("git,lfs", "lfs"), choose_contents("git", ""));
}

TEST(ChooseContents, RefusesWordsThatItDoesNotKnowAndToRestoreNothing) {
  EXPECT_THAT(error_of([] { choose_contents("lsf", ""); }).message(),
              HasSubstr("--only: 'lsf' is not one of git, wiki, lfs, releases, attachments"));
  EXPECT_THAT(error_of([] { choose_contents("", "git,,lfs"); }).message(), HasSubstr("--without: ''"));
  EXPECT_THAT(error_of([] { choose_contents("", "all"); }).message(), HasSubstr("nothing to restore"));
  EXPECT_EQ(error_of([] { choose_contents("lfs", "lfs"); }).kind(), ErrorKind::invalid);
}

}  // namespace
}  // namespace hubkeep
