#include "report/drill_progress.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

DrillOutcome restored() {
  DrillOutcome outcome{.repository = "acme/site", .id = 1, .host = "github.com"};
  outcome.result = DrillResult::restored;
  outcome.bytes = 3'000'000;
  outcome.objects = 1;
  outcome.refs = 3;
  outcome.restoring = std::chrono::milliseconds(1500);
  outcome.fsck = FsckResult::ok;
  return outcome;
}

TEST(DescribeDrill, SaysHowLongARestoreTook) {
  EXPECT_EQ(describe(restored()),
            "acme/site: restored in 1.5 s (2.9 MiB, 2.0 MB/s): 1 object, 3 refs; git fsck found no damage");
  EXPECT_EQ(describe_time(std::chrono::milliseconds(99)), "99 ms");
  EXPECT_EQ(describe_time(std::chrono::milliseconds(119'940)), "119.9 s");
  EXPECT_EQ(describe_time(std::chrono::seconds(125)), "2 minutes and 5 seconds");
  EXPECT_EQ(describe_rate(DrillOutcome()), "-");
}

TEST(DescribeDrill, SaysWhatOfGitHubIsExplained) {
  DrillOutcome outcome = restored();
  outcome.compared_with_github = true;
  EXPECT_THAT(describe(outcome), HasSubstr(", as at GitHub now"));
  outcome.differences.add({"github", "refs/heads/main", "1", "2", "pushed since"});
  EXPECT_THAT(describe(outcome),
              AllOf(HasSubstr(", 1 difference from GitHub now explained"), Not(HasSubstr("NOT EXPLAINED"))));
  outcome.differences.add({"github", "refs/heads/\x1b[2J", "", "2", ""});
  EXPECT_THAT(describe(outcome),
              HasSubstr("\n  NOT EXPLAINED: refs/heads/\\x1b[2J: restored nothing, at GitHub 2"));
}

TEST(DescribeDrill, SaysWhatFailed) {
  DrillOutcome failed{.repository = "acme/site", .id = 1, .host = "github.com"};
  failed.result = DrillResult::failed;
  failed.error = Error(ErrorKind::corrupt, "it is damaged");
  DrillReport report;
  report.count = 3;
  report.seed = 42;
  report.too_large = {"acme/huge"};
  report.outcomes = {restored(), failed};

  EXPECT_EQ(describe(failed), "acme/site: FAILED\n  it is damaged");
  EXPECT_THAT(describe(report),
              AllOf(HasSubstr("1 of 2 repositories restored by the vault alone in 1.5 s: 2.9 MiB, 1 object"),
                    HasSubstr("\nchosen with --seed 42"), HasSubstr("left out: acme/huge"),
                    HasSubstr("\n1 repository could not be restored"), Not(HasSubstr("is good"))));
  report.outcomes.pop_back();
  EXPECT_THAT(describe(report), HasSubstr("\neverything that was drilled is good"));
}

}  // namespace
}  // namespace hubkeep
