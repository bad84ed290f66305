#include "report/verify_progress.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

SnapshotId snapshot(int day) {
  return *SnapshotId::parse("2026110" + std::to_string(day) + "T000000Z-00000a");
}

Verdict damaged() {
  return {.repository = "acme/site",
          .snapshots = 3,
          .damages = {{.key = "repos/x/git/a.bundle",
                       .kind = DamageKind::missing,
                       .detail = "is missing",
                       .snapshots = {snapshot(3), snapshot(2)}}},
          .restorable = 1,
          .newest_restorable = snapshot(1)};
}

TEST(DescribeVerdict, NamesWhatIsDamagedWhoNeedsItAndWhatIsLeft) {
  EXPECT_EQ(describe(damaged()),
            "acme/site: DAMAGED: 1 of 3 snapshots can be restored, the newest complete one is "
            "20261101T000000Z-00000a\n"
            "  repos/x/git/a.bundle is missing; 2 snapshots from 20261102T000000Z-00000a to "
            "20261103T000000Z-00000a need it");
}

TEST(DescribeVerdict, TellsWhatWasGivenUpFromWhatIsNew) {
  Verdict verdict = damaged();
  verdict.damages.front().accepted = true;

  EXPECT_TRUE(describe(verdict).starts_with("acme/site: good; lost before, and known to be: "));
}

TEST(DescribeVerdict, IsPrintable) {
  const Verdict verdict{.repository = "acme/\x1b[1m", .error = Error(ErrorKind::forbidden, "\x07no")};

  EXPECT_EQ(describe(verdict), "acme/\\x1b[1m: could not be verified: \\x07no");
}

TEST(VerifyProgress, ShowsEachDamageOnALineOfItsOwn) {
  testing::internal::CaptureStderr();
  VerifyProgress({}).finished(damaged());

  EXPECT_EQ(testing::internal::GetCapturedStderr(), describe(damaged()) + "\n");
}

TEST(DescribeVerdict, SaysWhatToDoInTheEnd) {
  VerifySummary summary{.catalog = "catalog.jsonl.zst is missing", .verdicts = {damaged()}};

  const std::string text = describe(summary);

  EXPECT_NE(text.find("hubkeep rebuild-catalog"), std::string::npos);
  EXPECT_NE(text.find("hubkeep backup --repair"), std::string::npos);
  EXPECT_EQ(text.find("everything"), std::string::npos);
}

}  // namespace
}  // namespace hubkeep
