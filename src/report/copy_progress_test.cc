#include "report/copy_progress.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(DescribeCopy, NamesWhatWasLeftOutAndIsPrintable) {
  const CopyOutcome outcome{.repository = "acme/\x1b[1m",
                            .snapshots = 2,
                            .objects = 3,
                            .bytes = 2048,
                            .problems = {"snapshot x is left out: \x07no"}};

  EXPECT_EQ(describe(outcome),
            "acme/\\x1b[1m: 2 snapshots, 3 objects, 2.0 KiB copied\n  snapshot x is left out: \\x07no");
}

TEST(DescribeCopy, CountsAndSaysWhatIsNotComplete) {
  CopySummary summary;
  summary.outcomes = {{.repository = "a/b", .snapshots = 1, .objects = 2, .bytes = 1024},
                      {.repository = "a/c", .error = Error(ErrorKind::forbidden, "no")}};
  summary.stopped = true;

  EXPECT_EQ(describe(summary),
            "2 repositories looked at; 1 snapshot, 2 objects, 1.0 KiB copied; 1 repository is not copied "
            "completely\nstopped: what is finished is kept, the next copy goes on from there");
}

TEST(CopyProgress, IsQuietAboutWhatIsThereAlready) {
  testing::internal::CaptureStderr();
  {
    CopyProgress progress({});
    progress.finished({.repository = "a/there"});
    progress.finished({.repository = "a/new", .snapshots = 1, .objects = 2});
  }

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "a/new: 1 snapshot, 2 objects, 0 B copied\n");
}

}  // namespace
}  // namespace hubkeep
