#include "report/progress.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(Describe, AFailureSaysWhatAndIsPrintable) {
  const Outcome outcome{.repository = "acme/\x1b[1m",
                        .kind = OutcomeKind::failed,
                        .error = Error(ErrorKind::forbidden, "blocked")};

  EXPECT_EQ(describe(outcome), "acme/\\x1b[1m: failed: blocked");
}

TEST(Describe, AZipAloneIsNoHistory) {
  Outcome outcome{
      .repository = "acme/a", .kind = OutcomeKind::saved, .zip = ZipRecord{.object = {.size = 2048}}};
  const std::string alone = describe(outcome);
  outcome.snapshot = SnapshotId::make(UtcTime{});

  EXPECT_EQ(alone, "acme/a: saved, a zip of 2.0 KiB");
  EXPECT_EQ(describe(outcome), "acme/a: saved, 0 objects, 0 B received, a zip of 2.0 KiB");
}

TEST(Describe, ASummaryCountsEveryKind) {
  RunSummary summary;
  for (const auto kind : {OutcomeKind::saved, OutcomeKind::saved, OutcomeKind::unchanged, OutcomeKind::failed,
                          OutcomeKind::gone, OutcomeKind::not_done}) {
    summary.outcomes.push_back({.kind = kind, .requests = 2, .bytes_received = 1024});
  }
  summary.run_problems = {"the catalog could not be written"};
  summary.alarms = {{.since = {}, .repositories = {"acme/a", "acme/b"}, .text = "these went at once"}};

  EXPECT_EQ(describe(summary),
            "2 saved, 1 unchanged, 1 failed, 1 gone from GitHub or hidden, 1 not done; 6.0 KiB received, 0 B "
            "stored; "
            "0 API requests, 12 git requests; 0 s\n"
            "MISSED: acme/a, acme/b: these went at once\n"
            "look whether the token still reaches them; if they are meant to be gone, run `hubkeep backup "
            "--accept-gone` once, with the settings of this run\n"
            "the catalog could not be written");
}

TEST(Progress, IsQuietAboutWhatIsUnchanged) {
  testing::internal::CaptureStderr();
  {
    Progress progress({});
    progress.finished({.repository = "acme/a", .kind = OutcomeKind::unchanged});
    progress.finished({.repository = "acme/b", .kind = OutcomeKind::saved});
  }

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "acme/b: saved, 0 objects, 0 B received\n");
}

}  // namespace
}  // namespace hubkeep
