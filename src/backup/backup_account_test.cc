#include "backup/backup_account.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "backup/backup_fakes.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class BackupAccount : public testing::Test {
 protected:
  BackupAccount() { list({BackupBench::repository(7, "site"), BackupBench::repository(8, "api")}); }

  void list(std::vector<Repository> repositories) {
    RepositoryList& list = bench_.github.list;
    list = {};
    for (const auto& repository : repositories) list.seen_ids.push_back(repository.id);
    list.seen = repositories.size();
    list.repositories = std::move(repositories);
  }
  RunSummary run(const RunOptions& options = {}, ByteCount size = ByteCount{64} << 20) {
    MemoryBudget memory(size);
    return backup_account(bench_.context, bench_.github, options, memory, {.stop = stop_.get_token()});
  }
  std::string message_of_run() {
    try {
      run();
    } catch (const Error& error) {
      return error.message();
    }
    ADD_FAILURE() << "no Error";
    return {};
  }

  BackupBench bench_;
  std::stop_source stop_;
};

TEST_F(BackupAccount, SavesAllAndThenNothing) {
  const auto first = run();
  const auto second = run();

  EXPECT_EQ(first.count(OutcomeKind::saved), 2U);
  EXPECT_EQ(second.count(OutcomeKind::unchanged), 2U);
  EXPECT_THAT(second.run_problems, IsEmpty());
}

TEST_F(BackupAccount, GoesOnWhenTheCatalogCannotBeWritten) {
  bench_.store->fail_on = {"catalog"};

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::saved), 2U);
  ASSERT_THAT(summary.run_problems, SizeIs(1));
  EXPECT_THAT(summary.run_problems.front(),
              HasSubstr("the catalog could not be written (the next run finds the "
                        "snapshots all the same): no space left"));
  bench_.store->fail_on.clear();
  EXPECT_EQ(run().count(OutcomeKind::unchanged), 2U);
  EXPECT_EQ(bench_.server.fetched, 2);
}

TEST_F(BackupAccount, GivesUpOnACatalogThatOthersChangeEveryTime) {
  int changes = 0;
  bench_.store->on_create = [&](const ObjectKey& key) {
    if (key == "catalog.jsonl.zst") std::ofstream(bench_.folder.path() / key) << "change " << ++changes;
  };

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::saved), 2U);
  ASSERT_THAT(summary.run_problems, SizeIs(1));
  EXPECT_THAT(summary.run_problems.front(),
              HasSubstr("catalog.jsonl.zst was changed by other runs again and again"));
  EXPECT_EQ(changes, 100);
}

TEST_F(BackupAccount, GoesOnWhenItsReportCannotBeWritten) {
  bench_.store->fail_on = {"runs/"};

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::saved), 2U);
  ASSERT_THAT(summary.run_problems, SizeIs(1));
  EXPECT_THAT(summary.run_problems.front(),
              HasSubstr("the run's report could not be written: no space left"));
  EXPECT_EQ(run().count(OutcomeKind::unchanged), 2U);
}

TEST_F(BackupAccount, SaysWhatMemoryAJobNeeds) {
  const auto summary = run({}, ByteCount{2} << 20);

  EXPECT_THAT(bench_.observer.notices,
              ElementsAre("2.0 MiB of memory are enough for 0 repositories at once, not 8: see --memory"));
  EXPECT_EQ(summary.count(OutcomeKind::failed), 2U);
  EXPECT_EQ(summary.outcomes.front().error->message(),
            "a job needs 3.0 MiB of memory and --memory allows 2.0 MiB: raise --memory");
}

TEST_F(BackupAccount, StartsNothingWhenItIsStopped) {
  stop_.request_stop();

  const auto summary = run();

  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.count(OutcomeKind::not_done), 2U);
  EXPECT_EQ(bench_.server.listed, 0);
}

TEST_F(BackupAccount, KeepsWhatIsFinishedWhenItIsStopped) {
  bench_.server.on_fetch = [&] { stop_.request_stop(); };

  const auto summary = run({.jobs = 1});
  bench_.server.on_fetch = [] {};
  stop_ = {};
  const auto next = run();

  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.count(OutcomeKind::saved) + summary.count(OutcomeKind::not_done), 2U);
  EXPECT_EQ(summary.count(OutcomeKind::not_done), next.count(OutcomeKind::saved));
  EXPECT_EQ(summary.count(OutcomeKind::saved), next.count(OutcomeKind::unchanged));
}

TEST_F(BackupAccount, TurnsAnyExceptionIntoALine) {
  bench_.server.on_list = [] { throw std::runtime_error("of a library"); };

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::failed), 2U);
  EXPECT_EQ(summary.outcomes.front().error->kind(), ErrorKind::internal);
  EXPECT_EQ(summary.outcomes.front().error->message(), "of a library");
}

TEST_F(BackupAccount, RefusesAnEmptyListing) {
  list({});
  EXPECT_THAT(message_of_run(), HasSubstr("GitHub lists no repository at all"));

  bench_.github.list.seen = 3;
  EXPECT_THAT(message_of_run(), HasSubstr("the filters leave none of 3 repositories"));

  bench_.github.list.problems = {{"acme/x", Error(ErrorKind::not_found, "first")}};
  EXPECT_EQ(message_of_run(), "first");

  bench_.github.list.problems.push_back({"acme/y", Error(ErrorKind::not_found, "second")});
  EXPECT_EQ(message_of_run(), "nothing that was named can be backed up: first");
}

TEST_F(BackupAccount, CountsWhatItLooksAt) {
  run();
  list({BackupBench::repository(7, "site")});
  bench_.github.list.problems = {{"acme/x", Error(ErrorKind::not_found, "missing")}};
  bench_.observer.finished_count = 0;

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::gone), 1U);
  EXPECT_EQ(bench_.observer.selected_count, 3U);
  EXPECT_EQ(bench_.observer.finished_count, 3U);
}

TEST_F(BackupAccount, DoesNotTakeForGoneWhatIsOnlyOutOfTheListing) {
  run();
  list({BackupBench::repository(7, "site")});
  bench_.github.by_id[8].repository = BackupBench::repository(8, "api");

  const auto summary = run();

  EXPECT_EQ(summary.count(OutcomeKind::gone), 0U);
  EXPECT_EQ(summary.count(OutcomeKind::unchanged), 2U);
}

TEST_F(BackupAccount, SaysWhatItRemovedThatOthersLeft) {
  std::ofstream(bench_.folder.path() / ".tmp/0123-left.bundle") << "half";

  const auto summary = run({.stale_after = std::chrono::seconds(0)});

  EXPECT_EQ(summary.stale_removed, 1);
}

}  // namespace
}  // namespace hubkeep
