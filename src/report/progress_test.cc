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

TEST(Describe, TellsWhatIsNotProvedAndWhatIsNotSaved) {
  Outcome outcome{
      .repository = "acme/a", .kind = OutcomeKind::saved, .snapshot = SnapshotId::make(UtcTime{})};
  outcome.not_proved = 1;
  outcome.lfs_pointers = 12;
  const std::string saved = describe(outcome);
  outcome.not_proved = 2;
  outcome.lfs_pointers = 1;
  outcome.lfs_pointers_may_be_more = true;

  EXPECT_EQ(saved,
            "acme/a: saved, 0 objects, 0 B received; 1 tip not proved; 12 LFS pointers: "
            "what they point at is not saved");
  EXPECT_EQ(describe(outcome),
            "acme/a: saved, 0 objects, 0 B received; 2 tips not proved; at least 1 LFS "
            "pointer: what it points at is not saved");
}

TEST(Describe, ASummaryTellsWhatIsNotProvedAndWhatIsNotSavedAndIsGoodAllTheSame) {
  RunSummary summary;
  summary.outcomes = {{.repository = "acme/a", .not_proved = 1, .lfs_pointers = 5},
                      {.repository = "acme/b", .not_proved = 2, .lfs_pointers = 7},
                      {.repository = "acme/c", .lfs_pointers_may_be_more = true}};

  EXPECT_TRUE(summary.is_good());
  EXPECT_TRUE(describe(summary, {.repair = "", .prove = "hubkeep verify --restore"})
                  .ends_with("\n3 tips could not be seen in what the server sent; to prove that all is "
                             "there:\n  hubkeep verify "
                             "--restore\n12 LFS pointers: what they point at is not saved"))
      << describe(summary, {.repair = "", .prove = "hubkeep verify --restore"});
}

TEST(Describe, ASummaryNamesWhatLostAllItsRefs) {
  RunSummary summary;
  summary.outcomes = {{.repository = "acme/a", .kind = OutcomeKind::saved, .refs_vanished = true}};

  EXPECT_FALSE(summary.is_good());
  EXPECT_TRUE(describe(summary, {.repair = "", .prove = "hubkeep verify --restore"})
                  .ends_with("\nEMPTIED: acme/a: the server lists no ref any more, asked twice; what "
                             "was saved stays in the snapshots before"));
  EXPECT_TRUE(
      describe(summary.outcomes.front())
          .ends_with("; the server lists no ref any more, asked twice: what was saved stays in the snapshots "
                     "before"));
}

TEST(Describe, ASummaryCountsEveryKind) {
  RunSummary summary;
  for (const auto kind : {OutcomeKind::saved, OutcomeKind::saved, OutcomeKind::unchanged, OutcomeKind::failed,
                          OutcomeKind::gone, OutcomeKind::not_done}) {
    summary.outcomes.push_back({.kind = kind, .requests = 2, .bytes_received = 1024});
  }
  summary.run_problems = {"the catalog could not be written"};
  summary.alarms = {{.since = {}, .repositories = {"acme/a", "acme/b"}, .text = "these went at once"}};

  EXPECT_EQ(describe(summary, {.repair = "hubkeep verify", .prove = ""}),
            "2 saved, 1 unchanged, 1 failed, 1 gone from GitHub or hidden, 1 not done; 6.0 KiB received, 0 B "
            "stored; "
            "0 API requests, 12 git requests; 0 s\n"
            "MISSED: acme/a, acme/b: these went at once\n"
            "look whether the token still reaches them; if they are meant to be gone, run `hubkeep backup "
            "--accept-gone` once, with the settings of this run\n"
            "the catalog could not be written");
}

TEST(Describe, ASummaryCountsWhatCameBesideHistories) {
  RunSummary summary;
  summary.outcomes = {
      {.repository = "acme/a",
       .parts = {{.part = "git", .kind = PartOutcomeKind::saved},
                 {.part = "wiki", .kind = PartOutcomeKind::saved},
                 {.part = "lfs", .kind = PartOutcomeKind::saved, .files = {.saved = 11, .bytes = 99}},
                 {.part = "releases", .files = {.saved = 1}}}},
      {.repository = "acme/b",
       .parts = {{.part = "git"}, {.part = "wiki"}, {.part = "lfs", .files = {.saved = 1, .bytes = 1}}}}};
  const std::string text = describe(summary, {});

  EXPECT_TRUE(text.starts_with("0 saved, 2 unchanged, 0 failed, 1 wiki, 12 LFS objects, 1 release asset; "))
      << text;
  EXPECT_EQ(summary.files("lfs"), (FileCounts{.saved = 12, .bytes = 100}));
  EXPECT_EQ(summary.files().saved, 13U);
}

TEST(Describe, ASummaryCountsRequestsOnce) {
  RunSummary summary;
  summary.api_requests = 9;
  summary.outcomes = {{.repository = "acme/a",
                       .requests = 9,
                       .parts = {{.part = "git", .requests = 2}, {.part = "meta", .requests = 7}}}};
  const std::string text = describe(summary, {});

  EXPECT_NE(text.find("; 9 API requests, 2 git requests; "), std::string::npos) << text;
}

TEST(Describe, ASummaryCountsDocumentsAndSaysWhereGitHubCountsOthers) {
  RunSummary summary;
  summary.outcomes = {
      {.repository = "acme/a", .parts = {{.part = "meta", .documents = {.saved = 120, .unexplained = 2}}}},
      {.repository = "acme/b", .parts = {{.part = "meta", .documents = {.saved = 1, .newly_gone = 3}}}}};
  const std::string text = describe(summary, {.list_missing = "hubkeep list --missing"});

  EXPECT_TRUE(text.starts_with("0 saved, 2 unchanged, 0 failed, 121 documents; ")) << text;
  EXPECT_TRUE(
      text.ends_with("\nOTHER NUMBERS THAN GITHUB'S: 2 documents of acme/a and nothing explains it; to see "
                     "which:\n  hubkeep list --missing"))
      << text;
}

TEST(Describe, ASummaryNamesWhatTheServerLacksAndIsGoodAllTheSame) {
  RunSummary summary;
  summary.outcomes = {
      {.repository = "acme/a", .parts = {{.part = "git"}, {.part = "lfs", .files = {.newly_lacking = 11}}}},
      {.repository = "acme/b", .parts = {{.part = "git"}, {.part = "lfs", .files = {.newly_lacking = 1}}}},
      {.repository = "acme/c", .parts = {{.part = "git"}, {.part = "lfs"}}}};

  EXPECT_TRUE(summary.is_good());
  EXPECT_TRUE(
      describe(summary, {})
          .ends_with("\nNOT TO BE HAD: 12 LFS objects of acme/a, acme/b; later runs ask for them again"))
      << describe(summary, {});
}

TEST(Describe, ASummaryNamesWhatIsLostAndWhatToDo) {
  RunSummary summary;
  summary.losses = {{.losses = {{.key = "state/github.com.jsonl.zst"}}},
                    {.repository = "acme/\x1b", .id = 7, .losses = {{.key = "repos/a"}, {.key = "repos/b"}}}};
  const std::string text = describe(summary, {.repair = "hubkeep verify", .prove = ""});

  EXPECT_FALSE(summary.is_good());
  EXPECT_NE(
      text.find(
          "\nthe vault itself: 1 object that the vault had is lost or damaged, the first is "
          "state/github.com.jsonl.zst\nacme/\\x1b: 2 objects that the vault had are lost or damaged, "
          "the first is repos/a\nput that back from a copy; or, to fetch again what GitHub has and accept "
          "what is lost for good:\n  hubkeep verify"),
      std::string::npos)
      << text;
}

TEST(Describe, ARepairSaysWhatItGaveUp) {
  RunSummary whole;
  whole.lost_for_good = {{.objects = {"state/github.com.jsonl.zst"}},
                         {.repository = "acme/site", .id = 7, .objects = {"a", "b"}, .is_whole_again = true}};
  RunSummary given_up;
  given_up.lost_for_good = {{.repository = "acme/gone", .id = 8, .objects = {"a"}}};

  EXPECT_TRUE(whole.is_good());
  EXPECT_TRUE(
      describe(whole, {}).ends_with("\n1 object of the vault itself: lost for good, and known to be from now "
                                    "on\nacme/site: repaired: 2 objects of it were lost or damaged; what "
                                    "GitHub has now is in the vault, and only what older snapshots had "
                                    "besides is lost for good"));
  EXPECT_FALSE(given_up.is_good());
  EXPECT_TRUE(describe(given_up, {})
                  .ends_with("\nacme/gone: lost for good: 1 object; GitHub does not have it any more, "
                             "or hides it from this token; no "
                             "complete snapshot of it can be restored"));
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
