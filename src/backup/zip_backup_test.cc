#include "backup/zip_backup.h"

#include <gmock/gmock.h>

#include "backup/backup_fakes.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ZipBackupTest : public testing::Test {
 protected:
  ZipBackupTest() { set_head(1); }
  void set_head(unsigned number) {
    bench_.server.set_ref("refs/heads/main", number);
    bench_.server.refs.head = {.symref_target = "refs/heads/main", .oid = FakeServer::oid(number)};
  }
  RunSummary run(ZipTime zips = ZipTime::when_moved, bool history = true) {
    bench_.github.list = {.repositories = {BackupBench::repository()}, .seen = 1, .seen_ids = {7}};
    MemoryBudget memory(ByteCount{64} << 20U);
    return backup_account(bench_.context, {.jobs = 1, .contents = {.zips = zips, .history = history}}, memory,
                          {});
  }
  CatalogEntry entry() { return bench_.vault.read_catalog({})->at({"github.com", 7}); }

  BackupBench bench_;
};

TEST_F(ZipBackupTest, AsksForTheCommitThatTheHistoryHasAsHead) {
  const auto summary = run();

  EXPECT_THAT(bench_.github.zips_asked, ElementsAre("7 " + FakeServer::oid(1).hex()));
  ASSERT_TRUE(summary.outcomes.at(0).zip);
  EXPECT_EQ(entry().zip->key, summary.outcomes.at(0).zip->object.key);
  EXPECT_EQ(entry().zip->snapshot, entry().newest.at(0).snapshot);
}

TEST_F(ZipBackupTest, MakesUpLaterForAZipThatFailed) {
  bench_.github.zip = [](const std::string&) -> std::string {
    throw Error(ErrorKind::not_found, "no such zip");
  };
  const auto failed = run();
  bench_.github.zip = empty_zip;

  const auto next = run();

  EXPECT_EQ(failed.outcomes.at(0).kind, OutcomeKind::failed);
  EXPECT_EQ(failed.outcomes.at(0).error->message(), "zip: no such zip");
  EXPECT_FALSE(failed.outcomes.at(0).snapshot.empty());
  EXPECT_TRUE(next.outcomes.at(0).zip);
  EXPECT_EQ(bench_.server.listed, 1);  // the history was unchanged
}

TEST_F(ZipBackupTest, RefusesAZipOfAnotherCommit) {
  bench_.github.zip = [](const std::string&) { return empty_zip(std::string(40, 'f')); };

  const auto summary = run();

  EXPECT_THAT(summary.outcomes.at(0).error->message(), HasSubstr("is of commit ffff"));
  EXPECT_TRUE(list_zip_days(bench_.vault.objects()).empty());
}

TEST_F(ZipBackupTest, ForgetsWhatCouldNotBeNamedAndTakesItUpAgain) {
  bench_.store->fail_on = {"metadata.json"};
  const auto summary = run();
  const bool known = entry().zip.has_value();
  bench_.store->fail_on.clear();

  run();

  EXPECT_THAT(summary.run_problems, SizeIs(1));
  EXPECT_FALSE(known);
  EXPECT_TRUE(entry().zip);
  EXPECT_THAT(bench_.github.zips_asked, SizeIs(1));  // it lay in the vault
}

TEST_F(ZipBackupTest, AloneAsksForRefsOnlyWhenTheListingDiffers) {
  run(ZipTime::when_moved, false);
  const int first = bench_.server.listed;
  run(ZipTime::when_moved, false);

  EXPECT_EQ(first, 1);
  EXPECT_EQ(bench_.server.listed, 1);
  EXPECT_EQ(bench_.server.fetched, 0);
  EXPECT_THAT(bench_.github.zips_asked, SizeIs(1));
  EXPECT_TRUE(entry().has_only_zips());
}

TEST_F(ZipBackupTest, AloneDoesNotSpeakForTheHistory) {
  run();
  const CatalogEntry before = entry();
  set_head(2);
  run(ZipTime::when_moved, false);

  const CatalogEntry after = entry();

  EXPECT_EQ(after.newest, before.newest);
  EXPECT_EQ(after.listing, before.listing);
  EXPECT_EQ(after.zip->commit, FakeServer::oid(2).hex());
}

}  // namespace
}  // namespace hubkeep
