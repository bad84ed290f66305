#include "backup/keep_locked.h"

#include <gmock/gmock.h>

#include "backup/lfs_fakes.h"
#include "vault/lfs_part.h"
#include "vault/object_list.h"
#include "vault/removals.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr UtcTime kFirst{std::chrono::seconds(1'900'000'000)};
constexpr UtcTime kLater = kFirst + std::chrono::days(3);

class KeepLocked : public testing::Test {
 protected:
  KeepLocked() {
    list_it();
    lock(kFirst);
  }

  void list_it() {
    const auto repository = BackupBench::repository();
    bench_.github.list = {};
    bench_.github.list.repositories = {repository};
    bench_.github.list.seen = 1;
    bench_.github.list.seen_ids = {repository.id};
  }
  void hide_it() {
    list_it();
    bench_.github.list.repositories = {BackupBench::repository(8, "other")};
    bench_.github.list.seen_ids = {8};
  }
  void lock(UtcTime until, UtcTime renew_before = kFirst - std::chrono::days(1)) {
    bench_.store->plan = LockPlan{.until = until, .renew_before = renew_before};
  }
  Outcome run(const RunOptions& options = {}) {
    MemoryBudget memory(ByteCount{64} << 20);
    bench_.store->extended.clear();
    const auto summary = backup_account(bench_.context, options, memory, {.stop = stop_.get_token()});
    EXPECT_THAT(summary.run_problems, IsEmpty());
    for (const auto& outcome : summary.outcomes)
      if (outcome.id == BackupBench::repository().id) return outcome;
    return {.kind = OutcomeKind::not_done};
  }
  void push(unsigned number) {
    bench_.server.set_ref("refs/heads/main", number);
    bench_.github.list.repositories.front().pushed_at = "2020-01-0" + std::to_string(number) + "T00:00:00Z";
  }
  std::vector<ObjectKey> extended() const {
    std::vector<ObjectKey> keys;
    for (const auto& [key, until] : bench_.store->extended) keys.push_back(key);
    return keys;
  }
  CatalogEntry entry() {
    return bench_.vault.load_catalog([](const std::string&) {}, {}).at({"github.com", 7});
  }

  BackupBench bench_;
  std::stop_source stop_;
};

TEST_F(KeepLocked, WhatIsAllNewIsLockedAlready) {
  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_THAT(extended(), IsEmpty());
  EXPECT_EQ(entry().locked_until, kFirst);
}

TEST_F(KeepLocked, NothingIsDoneWhileMoreThanHalfIsLeft) {
  run();
  const auto before = entry();
  lock(kLater, kFirst);

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);

  EXPECT_THAT(extended(), IsEmpty());
  EXPECT_EQ(entry(), before);
}

TEST_F(KeepLocked, AllIsExtendedWhenLessThanHalfIsLeft) {
  const auto first = run();
  lock(kLater, kFirst + std::chrono::seconds(1));

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);

  EXPECT_THAT(extended(), SizeIs(3));  // bundle, refs, manifest
  EXPECT_THAT(extended(), Each(HasSubstr(first.snapshot.str())));
  EXPECT_THAT(bench_.store->extended, Each(testing::Pair(testing::_, kLater)));
  EXPECT_EQ(entry().locked_until, kLater);
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_THAT(extended(), IsEmpty());
}

TEST_F(KeepLocked, WhereTheNewestWasRemovedTheOneBeforeIsExtended) {
  const auto first = run();
  push(2);
  const auto second = run();
  const std::string& folder = entry().folder;
  const StoredManifest stored = bench_.vault.read_manifest(folder, second.snapshot, {}, {});
  write_removed(bench_.vault, folder,
                {.run = second.snapshot,
                 .program = "test",
                 .snapshots = {{.snapshot = second.snapshot,
                                .sha256 = stored.sha256,
                                .previous = stored.manifest.previous,
                                .reason = "asked for",
                                .removed_at = kFirst}}});
  bench_.store->remove(folder + manifest_key(second.snapshot));
  lock(kLater, kFirst + std::chrono::seconds(1));

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);

  EXPECT_THAT(extended(), SizeIs(3));
  EXPECT_THAT(extended(), Each(HasSubstr(first.snapshot.str())));
}

TEST_F(KeepLocked, ANewSnapshotOfTheSamePeriodTakesNoRequests) {
  run();
  push(2);

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_THAT(extended(), IsEmpty());
  EXPECT_EQ(entry().locked_until, kFirst);
}

TEST_F(KeepLocked, WhatANewSnapshotBuildsOnIsLockedAsLongAsItself) {
  const auto first = run();
  push(2);
  lock(kLater);

  const auto second = run();

  EXPECT_EQ(second.kind, OutcomeKind::saved);
  EXPECT_THAT(extended(), Contains(HasSubstr(first.snapshot.str() + ".bundle")));
  EXPECT_THAT(extended(), Each(Not(HasSubstr(second.snapshot.str()))));
  EXPECT_EQ(entry().locked_until, kLater);
}

TEST_F(KeepLocked, ALookThatWritesTheCatalogOnlyKeepsTheDate) {
  run();
  push(1);
  bench_.github.list.repositories.front().pushed_at = "2020-01-09T00:00:00Z";
  lock(kLater);

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);

  EXPECT_THAT(extended(), IsEmpty());
  EXPECT_EQ(entry().listing.pushed_at, "2020-01-09T00:00:00Z");
  EXPECT_EQ(entry().locked_until, kFirst);
}

TEST_F(KeepLocked, WhatWasSavedWithoutLocksIsLockedLater) {
  bench_.store->plan.reset();
  run();
  EXPECT_EQ(entry().locked_until, std::nullopt);
  lock(kFirst);

  EXPECT_EQ(run().kind, OutcomeKind::unchanged);

  EXPECT_THAT(extended(), SizeIs(3));
  EXPECT_EQ(entry().locked_until, kFirst);
}

TEST_F(KeepLocked, ASnapshotThatTheCatalogDoesNotKnowIsNotTakenForLocked) {
  run();
  const auto old = entry();
  push(2);
  run();
  CatalogUpdate back{.entry = old, .supersedes = {entry().newest.front().snapshot}};
  bench_.vault.update_catalog({back}, [](const std::string&) {}, {});
  ASSERT_EQ(entry().newest, old.newest);
  push(3);

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_THAT(extended(), Not(IsEmpty()));
  EXPECT_EQ(entry().locked_until, kFirst);
}

TEST_F(KeepLocked, AFailureSaysThatTheSnapshotIsSavedAndIsMadeGoodLater) {
  run();
  push(2);
  lock(kLater);
  bench_.store->on_extend = [](const ObjectKey&) { throw Error(ErrorKind::forbidden, "not you"); };

  const auto failed = run();
  bench_.store->on_extend = [](const ObjectKey&) {};

  EXPECT_EQ(failed.kind, OutcomeKind::failed);
  EXPECT_THAT(failed.error.value().message(),
              AllOf(HasSubstr("its newest snapshot is saved, but"), HasSubstr("not you")));
  EXPECT_EQ(entry().newest.front().snapshot, failed.snapshot);
  EXPECT_EQ(entry().locked_until, std::nullopt);
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_EQ(entry().locked_until, kLater);
}

TEST_F(KeepLocked, WhatIsGoneFromGitHubStaysLocked) {
  run();
  hide_it();
  lock(kLater);

  EXPECT_EQ(run().kind, OutcomeKind::gone);
  EXPECT_THAT(extended(), Not(IsEmpty()));
  EXPECT_EQ(entry().locked_until, kLater);
  EXPECT_EQ(run().kind, OutcomeKind::gone) << "still";
  EXPECT_THAT(extended(), IsEmpty());
  lock(kLater + std::chrono::days(9), kLater + std::chrono::seconds(1));

  const auto due = run();

  EXPECT_EQ(due.kind, OutcomeKind::gone);
  EXPECT_THAT(due.detail, HasSubstr("locked longer"));
  EXPECT_EQ(entry().locked_until, kLater + std::chrono::days(9));
}

/// With objects of Git LFS, which repositories share, and a store that locks what it writes.
class KeepSharedLocked : public KeepLocked {
 protected:
  KeepSharedLocked() {
    bench_.context.open_lfs = [this](const std::string&) { return std::make_unique<FakeLfsRemote>(lfs_); };
    bench_.context.parts = {git_backup(), lfs_backup({})};
    bench_.store->on_create = [this](const ObjectKey& key) {
      const std::scoped_lock lock(mutex_);
      locked_.emplace(key, bench_.store->plan->until);
    };
    bench_.store->on_extend = [this](const ObjectKey& key) {
      const std::scoped_lock lock(mutex_);
      locked_[key] = bench_.store->plan->until;
    };
  }

  LfsPointer push_object(unsigned number, const std::string& bytes) {
    const LfsPointer pointer = lfs_.add(bytes);
    push(number);
    bench_.server.beside.push_back(git_blob(lfs_pointer_text(pointer)));
    return pointer;
  }
  static ObjectKey key_of(const LfsPointer& object) { return resolve_key({}, lfs_key(object.oid)); }
  /// Of all that the newest snapshot needs, what is locked for less long than `until`.
  std::vector<ObjectKey> unlocked_at(UtcTime until) {
    const CatalogEntry known = entry();
    const Manifest manifest =
        bench_.vault.read_manifest(known.folder, known.newest.front().snapshot, {}, {}).manifest;
    std::vector<ObjectKey> keys{known.folder + manifest_key(manifest.snapshot)};
    visit_objects(manifest, read_lists(bench_.vault.objects(), known.folder, {}),
                  [&](const ObjectRecord& record) { keys.push_back(resolve_key(known.folder, record.key)); });
    std::erase_if(keys, [&](const ObjectKey& key) { return locked_.at(key) >= until; });
    return keys;
  }

  FakeLfsServer lfs_;
  std::map<ObjectKey, UtcTime> locked_;
  std::mutex mutex_;
};

TEST_F(KeepSharedLocked, WhatItHasStoredItselfIsNotExtended) {
  push_object(2, "one");

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_THAT(extended(), IsEmpty());
  EXPECT_THAT(unlocked_at(kFirst), IsEmpty());
}

TEST_F(KeepSharedLocked, WhatANewRepositoryHasInCommonWithAnotherIsLockedAsLongAsItself) {
  const LfsPointer object = push_object(2, "one");
  bench_.github.list.repositories = {BackupBench::repository(8, "other")};
  bench_.github.list.seen_ids = {8};
  run();
  ASSERT_EQ(locked_.at(key_of(object)), kFirst);
  list_it();
  lock(kLater);

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_EQ(lfs_.downloads(object.oid), 1);
  EXPECT_THAT(unlocked_at(kLater), IsEmpty());
  EXPECT_EQ(entry().locked_until, kLater);
}

TEST_F(KeepSharedLocked, WhatAKilledRunHasLeftIsLockedAsLongAsTheSnapshot) {
  const LfsPointer object = push_object(2, "one");
  bench_.store->fail_on = {"snapshots/"};
  run();
  bench_.store->fail_on.clear();
  ASSERT_EQ(locked_.at(key_of(object)), kFirst);
  lock(kLater);

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_EQ(lfs_.downloads(object.oid), 1);
  EXPECT_THAT(extended(), testing::ElementsAre(key_of(object)));
  EXPECT_THAT(unlocked_at(kLater), IsEmpty());
}

TEST_F(KeepSharedLocked, WhatIsFoundIsExtendedThoughAllThatIsKnownIsLockedLongEnough) {
  const LfsPointer object = lfs_.add("one");
  locked_[key_of(object)] = kFirst;
  lock(kLater);
  run();
  ASSERT_EQ(entry().locked_until, kLater);
  RecordedWriter writer = bench_.vault.objects().create_stored({}, lfs_key(object.oid));
  writer.write("one");
  EXPECT_EQ(writer.commit().sha256, object.oid);
  push_object(2, "one");

  EXPECT_EQ(run().kind, OutcomeKind::saved);

  EXPECT_THAT(extended(), testing::ElementsAre(key_of(object)));
  EXPECT_THAT(unlocked_at(kLater), IsEmpty());
  EXPECT_EQ(entry().locked_until, kLater);
}

TEST_F(KeepSharedLocked, AStopLeavesTheRestToTheNextRun) {
  push(2);
  for (int i = 0; i < 40; ++i)
    bench_.server.beside.push_back(git_blob(lfs_pointer_text(lfs_.add(std::to_string(i)))));
  run();
  push(3);
  lock(kLater);
  const auto extend = bench_.store->on_extend;
  bench_.store->on_extend = [&](const ObjectKey& key) {
    stop_.request_stop();
    extend(key);
  };

  const auto stopped = run({.jobs = 1});
  const auto begun = extended().size();
  stop_ = {};
  bench_.store->on_extend = extend;

  EXPECT_EQ(stopped.kind, OutcomeKind::not_done);
  EXPECT_GE(begun, 1U);
  EXPECT_LE(begun, 16U) << "that many are under way at once";
  EXPECT_EQ(entry().newest.front().snapshot, stopped.snapshot);
  EXPECT_EQ(entry().locked_until, std::nullopt);
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_THAT(unlocked_at(kLater), IsEmpty());
  EXPECT_EQ(entry().locked_until, kLater);
}

TEST_F(KeepSharedLocked, WhatForksShareIsExtendedOnce) {
  const LfsPointer object = push_object(2, "one");
  const auto fork = BackupBench::repository(8, "fork");
  bench_.github.list.repositories.push_back(fork);
  bench_.github.list.seen = 2;
  bench_.github.list.seen_ids = {7, 8};
  run({.jobs = 1});
  lock(kLater, kFirst + std::chrono::seconds(1));
  const auto extend = bench_.store->on_extend;
  int extensions = 0;
  bench_.store->on_extend = [&](const ObjectKey& key) {
    if (key == key_of(object)) ++extensions;
    extend(key);
  };

  EXPECT_EQ(run({.jobs = 1}).kind, OutcomeKind::unchanged);

  EXPECT_EQ(extensions, 1);
  EXPECT_THAT(unlocked_at(kLater), IsEmpty());
}

}  // namespace
}  // namespace hubkeep
