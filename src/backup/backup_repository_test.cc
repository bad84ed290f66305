#include "backup/backup_repository.h"

#include <gmock/gmock.h>

#include "backup/backup_fakes.h"
#include "backup/git_chain_plan.h"
#include "vault/removals.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class BackupRepository : public testing::Test {
 protected:
  BackupRepository() { bench_.github.name_now = "acme/site"; }
  // A push, so that the listing asks for a look.
  Repository pushed() {
    Repository repository = BackupBench::repository();
    repository.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++pushes_)});
    bench_.server.set_ref("refs/heads/main", static_cast<unsigned>(pushes_ + 1));
    return repository;
  }
  RepositoryResult run(const Repository& repository, const std::optional<CatalogEntry>& known = {}) {
    return whole(backup_repository(bench_.context, repository, known, {}));
  }
  static RepositoryResult whole(RepositoryResult result) {
    if (result.outcome.error) throw Error(*result.outcome.error);
    return result;
  }
  static Repository listed_long_ago(Repository repository) {
    repository.listed_at -= std::chrono::hours(1);
    return repository;
  }
  std::string refusal_of(const Repository& repository) {
    try {
      run(repository);
    } catch (const Error& error) {
      return error.message();
    }
    return "none";
  }
  RepositoryResult run_gone(const CatalogEntry& known) { return whole(mark_gone(bench_.context, known, {})); }
  static std::vector<ObjectKey> lost(const RepositoryResult& result) {
    std::vector<ObjectKey> keys;
    for (const Loss& loss : result.outcome.losses) keys.push_back(loss.key);
    return keys;
  }
  Manifest manifest_of(const SnapshotId& snapshot) {
    return bench_.vault.read_manifest(kFolder, snapshot, {}, {}).manifest;
  }
  // As a policy does. Returns the key of the record.
  std::string remove(const SnapshotId& snapshot) {
    const StoredManifest stored = bench_.vault.read_manifest(kFolder, snapshot, {}, {});
    const SnapshotId run = SnapshotId::make(bench_.context.clock.now());
    write_removed(bench_.vault, kFolder,
                  {.run = run,
                   .program = "test",
                   .snapshots = {{.snapshot = snapshot,
                                  .sha256 = stored.sha256,
                                  .previous = stored.manifest.previous,
                                  .reason = "older than 30 days",
                                  .removed_at = bench_.context.clock.now()}}});
    std::filesystem::remove(file_of(snapshot));
    return removal_key(run);
  }
  std::filesystem::path file_of(const SnapshotId& snapshot) const {
    return bench_.folder.path() / (kFolder + manifest_key(snapshot));
  }
  static Error not_our_ref() { return {ErrorKind::not_found, "the server says: not our ref"}; }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  int pushes_ = 0;
};

TEST_F(BackupRepository, TakesNothingFromAnotherRepositoryThatHasTakenItsName) {
  const auto first = run(pushed()).outcome.snapshot;
  const Repository another = listed_long_ago(pushed());

  bench_.github.name_now = "acme/renamed";
  const std::string renamed = refusal_of(another);
  bench_.github.name_now.reset();
  const std::string gone = refusal_of(another);

  EXPECT_THAT(renamed, HasSubstr("it has become acme/renamed since it was listed"));
  EXPECT_THAT(gone, HasSubstr("it is gone from GitHub, or hidden, since it was listed"));
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), ElementsAre(first));
}

TEST_F(BackupRepository, TakesNothingFromAnotherRepositoryInAFirstRunEither) {
  const Repository listed = listed_long_ago(pushed());
  bench_.github.name_now = "acme/renamed";

  EXPECT_THAT(refusal_of(listed), HasSubstr("it has become acme/renamed since it was listed"));
  bench_.github.name_now.reset();
  EXPECT_THAT(refusal_of(listed), HasSubstr("it is gone from GitHub, or hidden, since it was listed"));

  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), IsEmpty());
  EXPECT_EQ(bench_.server.fetched, 0);
  bench_.github.name_now = "acme/site";
  EXPECT_EQ(run(listed).outcome.kind, OutcomeKind::saved);
}

TEST_F(BackupRepository, AsksForItsNameOnlyLongAfterTheListingAndWhereNothingIsAsBefore) {
  run(pushed());
  EXPECT_EQ(bench_.github.names_asked, 0) << "just listed";
  bench_.server.set_ref("refs/heads/other", 1000);
  run(pushed());

  run(listed_long_ago(pushed()));
  EXPECT_EQ(bench_.github.names_asked, 0) << "another branch is as before";
  bench_.server.set_ref("refs/heads/other", 1001);
  EXPECT_EQ(run(listed_long_ago(pushed())).outcome.kind, OutcomeKind::saved);

  EXPECT_EQ(bench_.github.names_asked, 1);
}

TEST_F(BackupRepository, ListsAgainWhenRefsMoveUnderTheFetch) {
  int vanished = 3;
  bench_.server.on_fetch = [&] {
    if (vanished-- > 0) throw not_our_ref();
  };

  const auto result = run(pushed());

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(bench_.server.listed, 4);
  EXPECT_THAT(bench_.observer.retries, SizeIs(3));
}

TEST_F(BackupRepository, GivesUpWhenRefsMoveEveryTime) {
  bench_.server.on_fetch = [] { throw not_our_ref(); };

  try {
    run(pushed());
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_THAT(error.message(), HasSubstr("not our ref"));
  }

  EXPECT_EQ(bench_.server.listed, 4);
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), IsEmpty());
}

TEST_F(BackupRepository, SaysAfterHowManyAttemptsATransientErrorStayed) {
  bench_.server.on_list = [] { throw Error(ErrorKind::transient, "overloaded"); };

  try {
    run(pushed());
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "overloaded (tried 5 times)");
  }
}

TEST_F(BackupRepository, RefusesWhatGitHubHasDisabled) {
  Repository repository = pushed();
  repository.is_disabled = true;

  try {
    run(repository);
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::forbidden);
    EXPECT_EQ(error.message(), "GitHub has disabled access to this repository");
  }
  EXPECT_EQ(bench_.server.listed, 0);
}

TEST_F(BackupRepository, FindsTheSnapshotThatNobodyToldTheCatalogOf) {
  const Repository repository = pushed();
  const auto first = run(repository);

  const auto second = run(repository);

  EXPECT_EQ(second.outcome.kind, OutcomeKind::unchanged);
  EXPECT_EQ(second.outcome.detail, "found the snapshot of a run that was interrupted");
  ASSERT_TRUE(second.update);
  EXPECT_EQ(second.update->entry.newest.front().snapshot, first.outcome.snapshot);
  EXPECT_EQ(bench_.server.listed, 1);
}

TEST_F(BackupRepository, JoinsTheSnapshotsOfTwoRunsAtOnce) {
  const auto base = run(pushed());
  const Repository repository = pushed();
  std::optional<RepositoryResult> other;
  bench_.server.on_fetch = [&] {
    bench_.server.on_fetch = [] {};
    other = run(repository, base.update->entry);
  };
  const auto one = run(repository, base.update->entry);
  const auto both = merge_entry(merge_entry(base.update->entry, *other->update), *one.update);
  ASSERT_THAT(both.newest, SizeIs(2));

  const auto joined = run(repository, both);

  EXPECT_EQ(joined.outcome.detail, "two runs at once");
  std::vector<SnapshotId> previous;
  for (const auto& named : manifest_of(joined.outcome.snapshot).previous) previous.push_back(named.snapshot);
  EXPECT_THAT(previous, UnorderedElementsAre(one.outcome.snapshot, other->outcome.snapshot));
  EXPECT_THAT(merge_entry(both, *joined.update).newest, SizeIs(1));
}

TEST_F(BackupRepository, GoesOnFromAnOlderSnapshotWhenTheNewestIsDamaged) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);
  std::filesystem::resize_file(file_of(second.outcome.snapshot), 20);

  const auto third = run(pushed(), second.update->entry);

  EXPECT_EQ(third.outcome.kind, OutcomeKind::saved);
  ASSERT_THAT(bench_.observer.notices, testing::Not(IsEmpty()));
  EXPECT_THAT(bench_.observer.notices.front(), HasSubstr("acme/site: a snapshot is damaged and left out: "));
  EXPECT_EQ(git_part(manifest_of(third.outcome.snapshot).parts).bundles.back().builds_on,
            first.outcome.snapshot);
}

TEST_F(BackupRepository, BeginsTheChainWithTheFirstPushToAnEmptyRepository) {
  bench_.server.refs = {};
  const auto empty = run(BackupBench::repository());
  EXPECT_EQ(empty.outcome.detail, "empty");

  const auto filled = run(pushed(), empty.update->entry);

  const auto& bundles = git_part(manifest_of(filled.outcome.snapshot).parts).bundles;
  ASSERT_THAT(bundles, SizeIs(1));
  EXPECT_TRUE(bundles.front().builds_on.empty());
}

// Git makes no such branch, but not every server is git.
TEST_F(BackupRepository, SavesABranchOfABlobThatCameAsADelta) {
  const MadeObject known = git_blob("a file");
  const MadeObject odd = git_blob("a file that changed");
  bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
  bench_.server.refs.refs = {{"refs/heads/main", FakeServer::oid(1)}, {"refs/heads/odd", odd.oid()}};
  const auto answer = [&](const MadeObject& tip) {
    PackMaker maker;
    maker.add(tip);
    const auto base = maker.next();
    return maker.add(known).add_delta(base, delta_from(known.content, odd.content)).pack();
  };
  bench_.server.answer = [&](const FetchRequest&) { return answer(git_commit("another's")); };
  EXPECT_THROW(run(BackupBench::repository()), Error);
  bench_.server.answer = [&](const FetchRequest&) { return answer(git_commit("1")); };

  EXPECT_EQ(run(BackupBench::repository()).outcome.kind, OutcomeKind::saved);
}

TEST_F(BackupRepository, KeepsALongChainWhenTheOneToShortenItFromIsLost) {
  bench_.server.content = std::string(60'000, 'b');
  auto last = run(pushed());
  const SnapshotId base = last.outcome.snapshot;
  bench_.server.content = "x";
  for (std::size_t i = 0; i <= kMaxIncrements; ++i) last = run(pushed(), last.update->entry);
  std::filesystem::remove(file_of(base));

  const auto longer = run(pushed(), last.update->entry);

  ASSERT_THAT(bench_.observer.notices, SizeIs(1));
  EXPECT_THAT(bench_.observer.notices.front(), HasSubstr("acme/site: its chain stays long: "));
  const auto& bundles = git_part(manifest_of(longer.outcome.snapshot).parts).bundles;
  EXPECT_EQ(bundles.size(), kMaxIncrements + 3);
  EXPECT_EQ(bundles.back().builds_on, last.outcome.snapshot);
}

TEST_F(BackupRepository, ShortensALongChainFromTheOldestSnapshotThatWasNotRemoved) {
  bench_.server.content = std::string(60'000, 'b');
  auto last = run(pushed());
  std::vector<SnapshotId> all = {last.outcome.snapshot};
  bench_.server.content = "x";
  for (std::size_t i = 0; i <= kMaxIncrements; ++i) {
    last = run(pushed(), last.update->entry);
    all.push_back(last.outcome.snapshot);
  }
  for (std::size_t i = 0; i < 10; ++i) remove(all[i]);

  const auto shorter = run(pushed(), last.update->entry);

  EXPECT_THAT(bench_.observer.notices, IsEmpty());
  EXPECT_THAT(lost(shorter), IsEmpty());
  const auto& bundles = git_part(manifest_of(shorter.outcome.snapshot).parts).bundles;
  EXPECT_EQ(bundles.size(), 12U);
  EXPECT_EQ(bundles.back().builds_on, all[10]);
}

TEST_F(BackupRepository, GoesOnFromTheNewestThatWasNotRemoved) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);
  const auto third = run(pushed(), second.update->entry);
  remove(third.outcome.snapshot);

  const auto next = run(pushed(), third.update->entry);

  EXPECT_THAT(bench_.observer.notices, IsEmpty());
  EXPECT_THAT(lost(next), IsEmpty());
  const Manifest manifest = manifest_of(next.outcome.snapshot);
  ASSERT_THAT(manifest.previous, SizeIs(1));
  EXPECT_EQ(manifest.previous.front().snapshot, second.outcome.snapshot);
  EXPECT_EQ(git_part(manifest.parts).bundles.back().builds_on, second.outcome.snapshot);
  const CatalogEntry merged = merge_entry(third.update->entry, *next.update);
  ASSERT_THAT(merged.newest, SizeIs(1));
  EXPECT_EQ(merged.newest.front().snapshot, next.outcome.snapshot);
}

TEST_F(BackupRepository, TellsOfADamagedRecordOfRemovedSnapshots) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);
  const auto third = run(pushed(), second.update->entry);
  const std::string record = kFolder + remove(third.outcome.snapshot);
  std::filesystem::resize_file(bench_.folder.path() / record, 30);

  const auto next = run(pushed(), third.update->entry);

  EXPECT_THAT(lost(next), UnorderedElementsAre(record, kFolder + manifest_key(third.outcome.snapshot)));
}

TEST_F(BackupRepository, BeginsAnewWhenTheIncrementsOutgrowTheBase) {
  auto last = run(pushed());
  for (std::size_t i = 0; i <= kMaxIncrements; ++i) last = run(pushed(), last.update->entry);
  ASSERT_THAT(git_part(manifest_of(last.outcome.snapshot).parts).bundles, SizeIs(kMaxIncrements + 2));

  const auto anew = run(pushed(), last.update->entry);
  const auto after = run(pushed(), anew.update->entry);

  const auto& bundles = git_part(manifest_of(after.outcome.snapshot).parts).bundles;
  ASSERT_THAT(bundles, SizeIs(2));
  EXPECT_EQ(bundles[0].snapshot, anew.outcome.snapshot);
  EXPECT_TRUE(bundles[0].builds_on.empty());
  EXPECT_EQ(bundles[1].builds_on, anew.outcome.snapshot);
}

TEST_F(BackupRepository, BuildsOnNothingThatARepairGaveUp) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);

  const auto third = backup_repository(
      bench_.context, pushed(), second.update->entry, {},
      {.given_up = {git_part(manifest_of(first.outcome.snapshot).parts).bundles.front().record.key}});

  const auto& bundles = git_part(manifest_of(third.outcome.snapshot).parts).bundles;
  ASSERT_THAT(bundles, SizeIs(1));
  EXPECT_TRUE(bundles.front().builds_on.empty());
  EXPECT_EQ(bundles.front().snapshot, third.outcome.snapshot);
  EXPECT_THAT(manifest_of(third.outcome.snapshot).lost, IsEmpty());
  ASSERT_THAT(bench_.observer.notices, SizeIs(1));
  EXPECT_THAT(bench_.observer.notices.front(), HasSubstr("it needs what a repair gave up as lost"));
}

TEST_F(BackupRepository, KeepsItsLongChainWhileItIsFetchedInSlices) {
  auto last = run(pushed());
  for (std::size_t i = 0; i <= kMaxIncrements; ++i) last = run(pushed(), last.update->entry);
  const Oid never = FakeServer::oid(9999);
  bench_.server.set_ref("refs/tags/never", 9999);
  bench_.server.breaks = [&](const FetchRequest& request) {
    return request.haves.empty() || request.wants.contains(never);
  };
  EXPECT_THROW(run(pushed(), last.update->entry), Error);
  bench_.server.breaks = [](const FetchRequest& request) { return request.haves.empty(); };
  const int fetched = bench_.server.fetched;

  const auto whole = run(pushed(), last.update->entry);

  EXPECT_EQ(bench_.server.fetched, fetched + 1);
  const auto& bundles = git_part(manifest_of(whole.outcome.snapshot).parts).bundles;
  ASSERT_THAT(bundles, SizeIs(kMaxIncrements + 4));
  EXPECT_EQ(bundles[kMaxIncrements + 2].builds_on, last.outcome.snapshot);
}

TEST_F(BackupRepository, MarksWhatIsGoneWithoutAskingTheServer) {
  const auto saved = run(pushed());
  const int listed = bench_.server.listed;

  const auto gone = run_gone(saved.update->entry);

  EXPECT_EQ(gone.outcome.kind, OutcomeKind::gone);
  EXPECT_EQ(bench_.server.listed, listed);
  const Manifest marked = manifest_of(gone.outcome.snapshot);
  EXPECT_TRUE(marked.gone_since);
  EXPECT_EQ(git_part(marked.parts), git_part(manifest_of(saved.outcome.snapshot).parts));
}

TEST_F(BackupRepository, MarksInTheCatalogAloneWhatIsGoneAndCannotBeRead) {
  const auto saved = run(pushed());
  std::filesystem::resize_file(file_of(saved.outcome.snapshot), 20);

  const auto gone = run_gone(saved.update->entry);

  EXPECT_EQ(gone.outcome.kind, OutcomeKind::gone);
  EXPECT_EQ(gone.outcome.detail, "no snapshot of it can be read");
  ASSERT_TRUE(gone.update.has_value());
  EXPECT_TRUE(gone.update->entry.gone_since);
  EXPECT_EQ(gone.update->entry.newest, saved.update->entry.newest) << "it stays named";
  EXPECT_THAT(lost(gone), ElementsAre(kFolder + manifest_key(saved.outcome.snapshot)));
}

TEST_F(BackupRepository, TheNextSnapshotGoesOnNamingANewestOneThatIsLost) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);
  std::filesystem::remove(file_of(second.outcome.snapshot));

  const auto third = run(pushed(), second.update->entry);

  const auto previous = manifest_of(third.outcome.snapshot).previous;
  ASSERT_THAT(previous, SizeIs(2));
  EXPECT_EQ(previous[0].snapshot, first.outcome.snapshot);
  EXPECT_EQ(previous[1].snapshot, second.outcome.snapshot);
  EXPECT_EQ(previous[1].sha256, second.update->entry.newest.front().sha256);
  EXPECT_THAT(lost(third), ElementsAre(kFolder + manifest_key(second.outcome.snapshot)));
  EXPECT_EQ(third.outcome.losses.front().detail, "is missing");
  EXPECT_EQ(third.outcome.losses.front().sha256, previous[1].sha256);
  EXPECT_THAT(lost(run(pushed(), third.update->entry)), IsEmpty()) << "it is told once, then it is named";
}

TEST_F(BackupRepository, IsNotAsBeforeWhereTheNewestIsLostAndTheRefsAreThoseOfTheOneBefore) {
  const auto first = run(pushed());
  Repository repository = pushed();
  const auto second = run(repository, first.update->entry);
  std::filesystem::remove(file_of(second.outcome.snapshot));
  bench_.server.set_ref("refs/heads/main", 2);  // as in the first
  repository.pushed_at = first.update->entry.listing.pushed_at.value();

  const auto third = run(repository, second.update->entry);

  EXPECT_EQ(third.outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(manifest_of(third.outcome.snapshot).previous, SizeIs(2));
}

TEST_F(BackupRepository, ASnapshotComesAfterOneThatIsLostFromTheFuture) {
  const auto first = run(pushed());
  CatalogEntry known = first.update->entry;
  const UtcTime ahead = first.outcome.snapshot.time() + std::chrono::hours(5);
  known.newest.push_back({SnapshotId::make(ahead), std::string(64, 'a'), {{"git", PartStatus::ok}}});

  const auto second = run(pushed(), known);

  EXPECT_EQ(second.outcome.snapshot.time(), ahead + std::chrono::seconds(1));
}

TEST_F(BackupRepository, AnUnreadableSnapshotThatNothingNamesIsToldAndNotNamed) {
  const auto first = run(pushed());
  const auto unnoticed = run(pushed(), first.update->entry);
  std::filesystem::resize_file(file_of(unnoticed.outcome.snapshot), 20);

  const auto second = run(pushed(), first.update->entry);

  EXPECT_THAT(manifest_of(second.outcome.snapshot).previous, SizeIs(1));
  EXPECT_THAT(lost(second), ElementsAre(kFolder + manifest_key(unnoticed.outcome.snapshot)));
  EXPECT_EQ(second.outcome.losses.front().sha256, "");
}

TEST_F(BackupRepository, TellsOfAllBundlesAndRefsThatItCannotBuildOn) {
  const auto first = run(pushed());
  const auto second = run(pushed(), first.update->entry);
  const GitPart git = git_part(manifest_of(second.outcome.snapshot).parts);
  std::filesystem::remove(bench_.folder.path() / (kFolder + git.bundles[0].record.key));
  std::filesystem::resize_file(bench_.folder.path() / (kFolder + git.bundles[1].record.key), 7);

  const auto without_bundles = run(pushed(), second.update->entry);
  std::filesystem::remove(
      bench_.folder.path() /
      (kFolder + git_part(manifest_of(without_bundles.outcome.snapshot).parts).refs[0].key));
  const auto without_refs = run(pushed(), without_bundles.update->entry);

  EXPECT_THAT(lost(without_bundles),
              ElementsAre(kFolder + git.bundles[0].record.key, kFolder + git.bundles[1].record.key));
  EXPECT_EQ(without_bundles.outcome.losses[0].size, git.bundles[0].record.size);
  EXPECT_THAT(
      lost(without_refs),
      ElementsAre(kFolder + git_part(manifest_of(without_bundles.outcome.snapshot).parts).refs[0].key));
}

TEST_F(BackupRepository, LeavesNoSnapshotWhenAnObjectCannotBeWritten) {
  for (const std::string part : {".bundle", ".refs.zst", "snapshots/"}) {
    bench_.store->fail_on = {part};

    EXPECT_THROW(run(pushed()), Error) << part;

    EXPECT_THAT(bench_.vault.list_snapshots(kFolder), IsEmpty());
  }
}

}  // namespace
}  // namespace hubkeep
