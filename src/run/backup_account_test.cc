#include "run/backup_account.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "backup/backup_fakes.h"
#include "base/error_of.h"
#include "base/zstd.h"

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
    return backup_account(bench_.context, options, memory, {.stop = stop_.get_token()});
  }
  std::string message_of_run() {
    return error_of([&] { run(); }).message();
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

// What is saved in a run that takes longer, and is killed, need not be looked for.
TEST_F(BackupAccount, WritesTheCatalogEveryHalfHour) {
  std::vector<Repository> many;
  for (std::int64_t id = 1; id <= 8; ++id) many.push_back(BackupBench::repository(id, std::to_string(id)));
  for (Repository& repository : many) repository.listed_at += std::chrono::hours(9);  // nobody is renamed
  list(std::move(many));
  run({.jobs = 1});
  std::vector<int> writes;  // of the catalog, when so many repositories had been fetched
  std::size_t known = 0;    // snapshots that the catalog names as newest and that this run made, then
  bench_.store->on_create = [&](const ObjectKey& key) {
    if (key == "catalog.jsonl.zst") writes.push_back(bench_.server.fetched - 8);
  };
  bench_.server.set_ref("refs/heads/main", 2);
  for (Repository& repository : bench_.github.list.repositories)
    repository.pushed_at = "2020-01-02T00:00:00Z";
  const UtcTime begin = bench_.clock.now();
  bench_.server.on_fetch = [&] {
    bench_.clock.advance(std::chrono::minutes(12));
    if (bench_.server.fetched != 8 + 8) return;
    const Catalog catalog = bench_.vault.read_catalog({}).value_or(Catalog());
    for (const auto& [key, entry] : catalog) known += entry.newest.front().snapshot.time() >= begin ? 1 : 0;
  };

  const RunSummary summary = run({.jobs = 1});

  EXPECT_THAT(writes, testing::ElementsAre(3, 6, 8));
  EXPECT_EQ(known, 6U);
  EXPECT_EQ(summary.count(OutcomeKind::saved), 8U);
  EXPECT_EQ(run().count(OutcomeKind::unchanged), 8U);
}

TEST_F(BackupAccount, ACatalogThatCannotBeWrittenYetIsWrittenLater) {
  for (Repository& repository : bench_.github.list.repositories)
    repository.listed_at += std::chrono::hours(9);  // nobody is renamed
  bench_.server.on_fetch = [&] {
    bench_.clock.advance(std::chrono::minutes(40));
    bench_.store->fail_on =
        bench_.server.fetched == 1 ? std::vector<std::string>{"catalog"} : std::vector<std::string>{};
  };

  const RunSummary summary = run({.jobs = 1});

  EXPECT_THAT(summary.run_problems, IsEmpty());
  EXPECT_THAT(bench_.observer.notices, testing::Contains(HasSubstr("the catalog could not be written yet")));
  EXPECT_THAT(bench_.vault.read_catalog({}).value_or(Catalog()), SizeIs(2));
}

TEST_F(BackupAccount, LocksWhatSlicesBuildOnAsLongAsThoseThatCameLast) {
  list({BackupBench::repository(7, "site")});
  for (unsigned i = 2; i <= 8; ++i) bench_.server.set_ref("refs/tags/" + std::to_string(i), i);
  bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 1; };
  bool has_gained = false;
  bench_.store->on_create = [&](const ObjectKey& key) {
    has_gained = has_gained || key.find("/snapshots/") != ObjectKey::npos;
  };
  bench_.server.on_fetch = [&] {
    if (has_gained) throw Error(ErrorKind::transient, "the server is down");
  };
  const auto run_until = [&](std::chrono::hours days) {
    has_gained = false;
    const UtcTime now = bench_.clock.now();
    bench_.store->plan = LockPlan{.until = now + days, .renew_before = now + days / 2};
    EXPECT_EQ(run().count(OutcomeKind::failed), 1U);
    return bench_.store->plan->until;
  };
  run_until(std::chrono::hours(24 * 30));
  const CatalogEntry first = bench_.vault.read_catalog({})->begin()->second;
  bench_.clock.advance(std::chrono::hours(24 * 20));

  const UtcTime until = run_until(std::chrono::hours(24 * 40));

  const Manifest manifest =
      bench_.vault.read_manifest(first.folder, first.newest.front().snapshot, first.newest.front().sha256, {})
          .manifest;
  const GitPart git = git_part(manifest.parts);
  ASSERT_THAT(git.bundles, SizeIs(1));
  EXPECT_EQ(bench_.store->extended[resolve_key(first.folder, git.bundles.front().record.key)], until);
}

class RunLosses : public BackupAccount {
 protected:
  RunLosses() { run(); }

  void push() {
    bench_.server.set_ref("refs/heads/main", ++pushes_);
    for (Repository& repository : bench_.github.list.repositories)
      repository.pushed_at = "2020-01-0" + std::to_string(pushes_) + "T00:00:00Z";
  }
  ObjectKey newest(std::int64_t id) {
    const CatalogEntry entry = bench_.vault.read_catalog({})->at({"github.com", id});
    return entry.folder + manifest_key(entry.newest.front().snapshot);
  }
  std::filesystem::path file(const ObjectKey& key) const { return bench_.folder.path() / key; }
  static std::vector<ObjectKey> keys_of(const RunSummary& summary) {
    std::vector<ObjectKey> keys;
    for (const OpenLosses& losses : summary.losses)
      for (const Loss& loss : losses.losses) keys.push_back(loss.key);
    return keys;
  }
  RunSummary repair(std::int64_t id, const std::vector<ObjectKey>& objects) {
    RunOptions options;
    options.repair.emplace();
    Finding damaged{.repository = "acme/it", .lost = {"snapshots/x"}, .objects = objects};
    options.repair->emplace(SubjectKey{"github.com", id}, damaged);
    return run(options);
  }

  unsigned pushes_ = 1;
};

// GitHub has not been asked for them, so nothing says that they are lost for good.
TEST_F(RunLosses, OfGistsAndAccountsAreGivenUpByNoRepair) {
  for (const SubjectId& id : {SubjectId::gist("7"), SubjectId::account(7)}) {
    RunOptions options;
    options.repair.emplace();
    options.repair->emplace(SubjectKey{"github.com", id},
                            Finding{.repository = "acme/it", .lost = {"git/x"}, .objects = {"gists/x"}});

    const RunSummary summary = run(options);

    EXPECT_THAT(summary.lost_for_good, IsEmpty());
    ASSERT_THAT(summary.outcomes, SizeIs(1));
    EXPECT_EQ(summary.outcomes.front().id, id);
    ASSERT_TRUE(summary.outcomes.front().error.has_value());
    EXPECT_THAT(summary.outcomes.front().error->message(), HasSubstr("cannot back up"));
    EXPECT_FALSE(bench_.vault.read_state("github.com", {})->repositories.contains(id));
  }
}

TEST_F(RunLosses, AreToldByEveryRunAndByTheObserver) {
  const ObjectKey key = newest(7);
  std::filesystem::remove(file(key));
  push();

  const auto met = run();
  const auto unchanged = run();

  EXPECT_THAT(keys_of(met), ElementsAre(key));
  EXPECT_FALSE(met.is_good());
  EXPECT_EQ(unchanged.count(OutcomeKind::unchanged), 2U);
  EXPECT_EQ(unchanged.losses, met.losses) << "found when it was found first";
  ASSERT_THAT(bench_.observer.told_lost, SizeIs(2));
  EXPECT_EQ(bench_.observer.told_lost.back().repository, "acme/site");
}

TEST_F(RunLosses, EndWhenTheObjectIsBack) {
  const ObjectKey key = newest(7);
  std::filesystem::copy(file(key), bench_.folder.path() / "kept");
  std::filesystem::remove(file(key));
  push();
  run();
  std::filesystem::copy(bench_.folder.path() / "kept", file(key));

  const auto summary = run();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(bench_.observer.notices.back(), key + " was lost, and is there again as it was written");
}

TEST_F(RunLosses, OfWhatOnlyTheStateNamesAreMet) {
  const ObjectKey key = newest(7);
  std::filesystem::remove_all(file(key).parent_path().parent_path());
  std::filesystem::remove(file("catalog.jsonl.zst"));

  EXPECT_THAT(keys_of(run()), ElementsAre(key)) << "though nothing was pushed";
}

TEST_F(RunLosses, AreAcceptedByTheRepairThatReplacesThem) {
  const ObjectKey key = newest(7);
  std::filesystem::remove(file(key));
  push();
  run();

  const auto repaired = repair(7, {key});

  EXPECT_TRUE(repaired.is_good());
  ASSERT_THAT(repaired.lost_for_good, SizeIs(1));
  EXPECT_TRUE(repaired.lost_for_good.front().is_whole_again);
  EXPECT_TRUE(run().is_good());
}

TEST_F(RunLosses, OfWhatGitHubHasNoLongerAreGivenUpOnceAndOfTheRestNot) {
  list({BackupBench::repository(8, "api")});
  const ObjectKey key = newest(7);
  bench_.github.name_now = "acme/site";
  const auto still_there = repair(7, {key});
  bench_.github.name_now.reset();
  const auto gone = repair(7, {key});

  ASSERT_EQ(still_there.count(OutcomeKind::failed), 1U);
  EXPECT_THAT(still_there.outcomes.front().error->message(),
              HasSubstr("but GitHub has it: repair it with --repo acme/site"));
  EXPECT_THAT(still_there.lost_for_good, IsEmpty());
  EXPECT_EQ(gone.count(OutcomeKind::failed), 0U);
  EXPECT_FALSE(gone.is_good());
  ASSERT_THAT(gone.lost_for_good, SizeIs(1));
  EXPECT_FALSE(gone.lost_for_good.front().is_whole_again);
  const auto state = bench_.vault.read_state("github.com", {});
  ASSERT_THAT(state->repositories.at(7).losses, SizeIs(1));
  EXPECT_TRUE(state->repositories.at(7).losses.front().accepted_at.has_value());
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

  const auto summary = run();

  EXPECT_EQ(summary.leftovers.removed, 1);
  EXPECT_EQ(summary.leftovers.removed_bytes, 4U);
}

TEST_F(BackupAccount, SaysWhichVaultItWasAndItsNewestRun) {
  const auto first = run();
  const auto second = run();

  EXPECT_EQ(first.vault, bench_.vault.id());
  EXPECT_TRUE(first.vault_is_new);
  EXPECT_EQ(first.newest_run->run, first.run);
  EXPECT_EQ(first.newest_run->number, 1U);
  EXPECT_EQ(second.newest_run->run, second.run);
  EXPECT_EQ(second.newest_run->number, 2U);
}

TEST_F(BackupAccount, AVaultThatLacksAKnownRunIsNotGoodUntilThatIsAccepted) {
  const auto first = run();
  CompletedRun known = *first.newest_run;
  bench_.context.known_run = known;
  EXPECT_TRUE(run().is_good());
  known.number = 5;
  known.run = SnapshotId::make(known.finished);

  bench_.context.known_run = known;
  const auto noticed = run();
  bench_.context.known_run = noticed.newest_run;
  const auto next = run();

  EXPECT_THAT(bench_.observer.notices, ElementsAre(HasSubstr("it does not know the run " + known.run.str())));
  for (const auto* summary : {&noticed, &next}) {
    EXPECT_FALSE(summary->is_good());
    ASSERT_THAT(summary->losses, SizeIs(1));
    ASSERT_THAT(summary->losses.front().losses, SizeIs(1));
    EXPECT_EQ(summary->losses.front().losses.front().key, "runs/" + known.run.str() + ".jsonl.zst");
  }
}

// Else its loss of state would look like a vault into which no run has ever completed.
TEST_F(BackupAccount, ARunOfAVersionThatKeptNoStateCounts) {
  const auto first = run();
  namespace fs = std::filesystem;
  fs::remove_all(bench_.folder.path() / "state");
  Catalog catalog = bench_.vault.load_catalog([](const std::string&) {}, {});
  for (auto& [key, entry] : catalog) {
    const auto id = entry.newest.front().snapshot;
    const fs::path file = bench_.folder.path() / (entry.folder + manifest_key(id));
    Manifest manifest = bench_.vault.read_manifest(entry.folder, id, {}, {}).manifest;
    manifest.vault.clear();
    std::ofstream(file, std::ios::trunc) << zstd_compress(format_manifest(manifest));
  }

  const HostState state = bench_.vault.begin_state("github.com", catalog, bench_.clock, {});

  EXPECT_THAT(state.losses, IsEmpty());
  EXPECT_EQ(state.newest_run, (CompletedRun{.run = first.run, .finished = first.run.time(), .number = 0}));
}

}  // namespace
}  // namespace hubkeep
