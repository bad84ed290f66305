#include "app/run_clocks.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kServer = "the server of the bucket backups";

TEST(DescribeClocks, SaysNothingOfWhatANetworkMayExplain) {
  EXPECT_THAT(describe_clocks({}), IsEmpty());
  EXPECT_THAT(
      describe_clocks({.of_github = minutes(15), .of_store = -minutes(15), .store = kServer}),
      ElementsAre("the clock of the server of the bucket backups is 30 minutes ahead of GitHub's: set it"));
  EXPECT_THAT(describe_clocks({.of_github = minutes(15), .of_store = minutes(1), .store = kServer}),
              IsEmpty());
}

TEST(DescribeClocks, SaysWhoseIsWrong) {
  EXPECT_THAT(describe_clocks({.of_github = hours(24 * 365)}),
              ElementsAre("the clock of this machine is 1 year ahead of GitHub's: set it"));
  EXPECT_THAT(
      describe_clocks({.of_github = -(minutes(15) + seconds(1)), .of_store = -minutes(15), .store = kServer}),
      ElementsAre("the clock of this machine is 15 minutes and 1 second behind GitHub's: set it"));
  EXPECT_THAT(
      describe_clocks({.of_github = seconds(1), .of_store = hours(2), .store = kServer}),
      ElementsAre("the clock of the server of the bucket backups is 1 hour and 59 minutes behind GitHub's: "
                  "set it"));
  EXPECT_THAT(
      describe_clocks({.of_github = hours(1), .of_store = seconds(0), .store = kServer}),
      ElementsAre("the clock of this machine is 1 hour ahead of GitHub's: set it",
                  "the clock of the server of the bucket backups is 1 hour ahead of GitHub's: set it"));
}

TEST(DescribeClocks, DoesWithoutGitHub) {
  EXPECT_THAT(
      describe_clocks({.of_store = hours(2), .store = kServer}),
      ElementsAre("the clock of this machine is 2 hours ahead of that of the server of the bucket backups: "
                  "set the one that is wrong"));
  EXPECT_THAT(describe_clocks({.of_store = hours(2), .store = kServer, .asks_github = true}), IsEmpty());
  EXPECT_THAT(
      describe_clocks({.of_store = hours(2), .store = "S3", .is_store_right = true, .asks_github = true}),
      ElementsAre("the clock of this machine is 2 hours ahead of that of S3: set it"));
}

TEST(RunClocks, TellsOnceAndByTheFirstAnswers) {
  std::vector<std::string> told;
  RunClocks clocks(true, [&](const std::string& text) { told.push_back(text); });

  clocks.hear_store(hours(2), "S3", true);
  clocks.hear_github(hours(2));
  clocks.hear_github(hours(3));
  clocks.hear_store(hours(3), "S3", true);

  EXPECT_THAT(told, ElementsAre("the clock of this machine is 2 hours ahead of that of S3: set it"));
  EXPECT_EQ(clocks.ahead_of_github(), hours(3));
}

}  // namespace
}  // namespace hubkeep
