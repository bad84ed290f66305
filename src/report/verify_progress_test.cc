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

TEST(DescribeVerdict, SaysHowManySnapshotsWereRebuiltWhereThatWasAsked) {
  const auto said = [](std::size_t snapshots, std::optional<std::size_t> proved) {
    return describe(Verdict{.repository = "acme/site", .id = 7, .snapshots = snapshots, .proved = proved});
  };

  EXPECT_EQ(said(3, std::nullopt), "acme/site: good, 3 snapshots");
  EXPECT_EQ(said(1, 1), "acme/site: good, 1 snapshot, rebuilt and whole");
  EXPECT_EQ(said(3, 3), "acme/site: good, 3 snapshots, each rebuilt and whole");
  EXPECT_EQ(said(3, 1), "acme/site: good, 3 snapshots, 1 of them rebuilt and whole");
  EXPECT_EQ(describe(Verdict{
                .repository = "acme/site", .id = 7, .snapshots = 3, .proof = ProofKind::deep, .proved = 3}),
            "acme/site: good, 3 snapshots, each made again and whole");
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

const VerifyAdvice kAdvice{.rebuild = "hubkeep rebuild-catalog --from v",
                           .repair = "verify || repair",
                           .prove = "hubkeep verify --restore"};

TEST(DescribeSummary, SaysWhatToDoInTheEnd) {
  const VerifySummary summary{.identity = "hubkeep.json is missing",
                              .readme = "README.txt is missing",
                              .catalog = "catalog.jsonl.zst is missing",
                              .verdicts = {damaged()}};

  EXPECT_EQ(describe(summary, kAdvice),
            "1 repository, 3 snapshots: 0 objects, 0 B, of which 0 objects, 0 B, were read\n"
            "DAMAGED: hubkeep.json is missing\n"
            "DAMAGED: README.txt is missing\n"
            "DAMAGED: catalog.jsonl.zst is missing\n"
            "to have that made again:\n"
            "  hubkeep rebuild-catalog --from v\n"
            "1 repository is damaged; to fetch again what was lost, with the flags that your backups have:\n"
            "  verify || repair");
}

std::string last_line(const VerifySummary& summary) {
  const std::string text = describe(summary, kAdvice);
  return text.substr(text.rfind('\n') + 1);
}

TEST(DescribeSummary, SaysWhatWasLookedAt) {
  Verdict good{.repository = "acme/site", .snapshots = 1, .objects = 3, .bytes = 100, .checksums = 2};
  const VerifySummary quick{.verdicts = {good}};
  good.objects_read = 1;
  good.bytes_read = 40;
  const VerifySummary part{.verdicts = {good}, .read = {.kind = DataSubset::Kind::share}};
  VerifySummary all = part;
  all.read = {.kind = DataSubset::Kind::all};
  VerifySummary cold = all;
  cold.verdicts.front().cold = 1;

  EXPECT_EQ(
      last_line(quick),
      "everything that was looked at is good: that 3 objects are there with the right size, the store's "
      "checksum of 2; none of the history was read, as --read-data does");
  EXPECT_EQ(
      last_line(part),
      "everything that was looked at is good: that 3 objects are there with the right size, the store's "
      "checksum of 2; 40 B of 100 B were read");
  EXPECT_EQ(
      last_line(all),
      "everything that was looked at is good: that 3 objects are there with the right size, the store's "
      "checksum of 2, and every byte");
  EXPECT_TRUE(last_line(cold).ends_with(", and every byte of what is in no archive class"));
  VerifySummary rebuilt = part;
  rebuilt.verdicts.front().proved = 1;
  EXPECT_EQ(
      last_line(rebuilt),
      "everything that was looked at is good: that 3 objects are there with the right size, the store's "
      "checksum of 2, that 1 of 1 snapshot can be rebuilt with all that its refs lead to; 40 B of 100 B were "
      "read, --read-data reads the rest");
}

TEST(DescribeSummary, CountsWhatRepositoriesShareOnce) {
  const Verdict first{.repository = "acme/site", .snapshots = 1, .objects = 3, .bytes = 100};
  Verdict fork = first;
  fork.repository = "acme/fork";
  fork.shared_objects = 1;
  fork.shared_bytes = 40;

  const std::string text = describe(VerifySummary{.verdicts = {first, fork}}, {});

  EXPECT_TRUE(text.starts_with("2 repositories, 2 snapshots: 5 objects, 160 B, of which ")) << text;
}

TEST(DescribeSummary, SaysOfHowManySnapshotsNotAllWasSeen) {
  const auto second_line = [](std::size_t not_proved) {
    const std::string text =
        describe(VerifySummary{.verdicts = {{.repository = "acme/site", .not_proved = not_proved}}}, kAdvice);
    const auto begin = text.find('\n') + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
  };

  EXPECT_TRUE(second_line(0).starts_with("everything that was looked at is good"));
  EXPECT_EQ(second_line(1), "1 snapshot is not proved to be whole; to prove it:");
  EXPECT_EQ(second_line(2), "2 snapshots are not proved to be whole; to prove it:");
}

TEST(DescribeSummary, TellsOfWhatNothingNames) {
  const Verdict verdict{.repository = "acme/site",
                        .unnamed = {{"repos/x/git/a.bundle", 1000, ""},
                                    {"repos/x/git/b.bundle", 24, ""},
                                    {"repos/x/git/c.bundle", 0, "a symbolic link"}}};
  const std::string text =
      describe(VerifySummary{.verdicts = {verdict}, .others = {{"photos/", 0, "a folder"}}}, kAdvice);

  EXPECT_NE(text.find("\n2 objects of 1.0 KiB are named by nothing (--json lists them): "), std::string::npos)
      << text;
  EXPECT_NE(text.find("\nphotos/ is a folder, which hubkeep did not put there"), std::string::npos) << text;
  EXPECT_NE(text.find("\n1 thing in the repositories' folders is no object"), std::string::npos) << text;
}

}  // namespace
}  // namespace hubkeep
