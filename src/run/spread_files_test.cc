// Sets of files so large that a shared run divides them: objects of Git LFS.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "backup/lfs_fakes.h"
#include "run/shared_run_fixture.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

using testing::_;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using Json = nlohmann::ordered_json;

/// One repository that points at many objects, of which the server has a few, and counts what it hands out.
class SharedRunOfManyObjects : public SharedRun {
 protected:
  SharedRunOfManyObjects() {
    list(1);
    bench_.context.open_lfs = [this](const std::string&) { return std::make_unique<FakeLfsRemote>(lfs_); };
    bench_.context.parts = {git_backup(), lfs_backup({})};
  }

  void given(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      point_at(i < kThere ? lfs_.add(std::to_string(i))
                          : LfsPointer{.oid = sha256_hex(std::to_string(i)), .size = 1});
  }
  void point_at(const LfsPointer& object) {
    bench_.server.beside.push_back(git_blob(lfs_pointer_text(object)));
  }

  /// What comes of the batch as the plan has it: nothing is fetched but the history.
  BatchSummary divided() { return work(made_, batches(made_).front()); }
  BatchSummary fetch(int share, const Json& batch, const StopTokens& stops = {}) {
    return work(made_, batch, 2, stops, share);
  }
  BatchSummary go_on(const Json& batch, const StopTokens& stops = {}) { return work(made_, batch, 2, stops); }

  /// How often each was handed out.
  std::map<std::string, int> downloads() const {
    std::map<std::string, int> counts;
    for (const auto& [oid, bytes] : lfs_.objects) counts[oid] = lfs_.downloads(oid);
    return counts;
  }
  /// Of the newest snapshot, whether the catalog knows it or not.
  LfsPart part() {
    std::string newest;
    for (const auto& file : std::filesystem::directory_iterator(bench_.folder.path() / kFolder / "snapshots"))
      newest = std::max(newest, "snapshots/" + file.path().filename().string());
    const Manifest manifest = bench_.vault.read_manifest(kFolder, *snapshot_of(newest), {}, {}).manifest;
    return lfs_part(manifest.parts.at(PartName(kLfsPart)));
  }

  static constexpr std::size_t kThere = 40;
  static constexpr const char* kFolder = "repos/github.com/acme/r1.1/";
  FakeLfsServer lfs_;
  SharedPlan made_;
};

TEST_F(SharedRunOfManyObjects, FourWorkersFetchEachObjectOnceAndAnotherNamesThem) {
  given(1'000);
  made_ = plan();

  const BatchSummary first = divided();
  const std::uint64_t to_come = part().pending;
  EXPECT_EQ(lfs_.batches(), 0U);
  std::vector<std::size_t> fetched;
  for (int share = 1; share <= first.shares; ++share) {
    EXPECT_TRUE(fetch(share, first.left).is_done);
    fetched.push_back(lfs_.downloads());
  }
  EXPECT_LE(lfs_.batches(), 14U);  // of a hundred objects each; 10 where one worker fetches all
  const BatchSummary last = go_on(first.left);
  const RunSummary end = finish(made_);

  EXPECT_FALSE(first.is_done);
  EXPECT_EQ(first.shares, 4);
  EXPECT_EQ(first.left.at("items").at(0).at("shares"), 4);
  EXPECT_THAT(bench_.observer.notices, Contains(HasSubstr("4 workers share them")));
  EXPECT_EQ(to_come, 1'000U);
  ASSERT_THAT(fetched, SizeIs(4));
  EXPECT_TRUE(std::is_sorted(fetched.begin(), fetched.end(), std::less_equal<>()));
  EXPECT_EQ(fetched.back(), kThere);
  EXPECT_THAT(downloads(), Each(Pair(_, 1)));
  for (const auto& [oid, bytes] : lfs_.objects) EXPECT_EQ(lfs_.asked(oid), 1) << oid;
  EXPECT_TRUE(last.is_done);
  EXPECT_EQ(last.shares, 0);
  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_THAT(end.outcomes, SizeIs(1));
  EXPECT_EQ(end.files("lfs").saved, kThere);
  EXPECT_EQ(end.files("lfs").newly_lacking, 960U);
  EXPECT_EQ(part().pending, 0U);
  EXPECT_THAT(read_lfs_objects(bench_.vault.objects(), kFolder, part().objects, {}), SizeIs(kThere));
  EXPECT_EQ(plan().unchanged, 1U);
}

TEST_F(SharedRunOfManyObjects, SharesAloneSaveNothingAndTheNextRunFetchesNothingAgain) {
  given(1'000);
  made_ = plan();

  const BatchSummary first = divided();
  for (const int share : {1, 2, 3, 4}) fetch(share, first.left);
  const LfsPart before = part();
  const RunSummary end = finish(made_);
  made_ = plan();
  const BatchSummary next = work(made_, batches(made_).front());
  const RunSummary next_end = finish(made_);

  EXPECT_EQ(before.status, PartStatus::partial);
  EXPECT_EQ(before.pending, 1'000U);
  EXPECT_THAT(before.objects, IsEmpty());
  ASSERT_EQ(end.count(OutcomeKind::failed), 1U);
  EXPECT_THAT(end.outcomes.front().error->message(), HasSubstr("batch 1 of the run ended without it"));
  EXPECT_TRUE(next.is_done);
  EXPECT_EQ(next_end.count(OutcomeKind::saved), 1U);
  EXPECT_THAT(downloads(), Each(Pair(_, 1)));
  EXPECT_EQ(part().pending, 0U);
}

TEST_F(SharedRunOfManyObjects, WhatAShareCouldNotBringTheRepositoryFetches) {
  given(1'000);
  made_ = plan();

  const BatchSummary first = divided();
  lfs_.on_ask = [] { throw Error(ErrorKind::forbidden, "no address"); };
  const BatchSummary failed = fetch(1, first.left);
  lfs_.on_ask = [] {};
  fetch(2, first.left);  // those of the others are killed before they begin
  const std::size_t fetched = lfs_.downloads();
  const BatchSummary last = go_on(first.left);
  const RunSummary end = finish(made_);

  EXPECT_TRUE(failed.is_done);
  EXPECT_LT(fetched, kThere / 2);
  EXPECT_TRUE(last.is_done);
  EXPECT_THAT(downloads(), Each(Pair(_, 1)));
  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_EQ(end.files("lfs").saved, kThere);
}

TEST_F(SharedRunOfManyObjects, AShareGoesOnAfterADeadlineInItsMiddle) {
  given(1'000);
  made_ = plan();
  std::stop_source stop;
  std::string cut;

  const BatchSummary first = divided();
  lfs_.on_download = [&](const std::string& oid) {
    if (lfs_.downloads() < 3) return;
    cut = oid;
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  const BatchSummary stopped = fetch(1, first.left, {.stop = stop.get_token()});
  lfs_.on_download = [](const std::string&) {};
  const BatchSummary again = fetch(1, stopped.left);
  go_on(first.left);
  const RunSummary end = finish(made_);

  EXPECT_FALSE(stopped.is_done);
  EXPECT_EQ(stopped.left, first.left);
  EXPECT_TRUE(again.is_done);
  for (const auto& [oid, count] : downloads()) EXPECT_EQ(count, oid == cut ? 2 : 1) << oid;
  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_EQ(end.files("lfs").saved, kThere);
}

TEST_F(SharedRunOfManyObjects, AShareOfWhichNothingCameInAWholeInvocationIsLeftToTheRepository) {
  given(1'000);
  made_ = plan();
  std::stop_source stop;

  const BatchSummary first = divided();
  lfs_.on_download = [&](const std::string&) {
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };

  EXPECT_TRUE(fetch(1, first.left, {.stop = stop.get_token()}).is_done);
}

TEST_F(SharedRunOfManyObjects, TheRestGoesOnAfterADeadlineAndIsNotDividedAgain) {
  given(1'000);
  made_ = plan();
  std::stop_source stop;

  const BatchSummary first = divided();
  lfs_.on_download = [&](const std::string&) {
    if (lfs_.downloads() < 20) return;
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  const BatchSummary stopped = go_on(first.left, {.stop = stop.get_token()});
  lfs_.on_download = [](const std::string&) {};
  const BatchSummary last = go_on(stopped.left);

  EXPECT_FALSE(stopped.is_done);
  EXPECT_EQ(stopped.shares, 0);
  EXPECT_EQ(stopped.left.at("items").at(0).at("shares"), 4);
  EXPECT_FALSE(stopped.left.at("items").at(0).contains("cuts"));
  EXPECT_TRUE(last.is_done);
  EXPECT_EQ(finish(made_).files("lfs").saved, kThere);
}

TEST_F(SharedRunOfManyObjects, IsZippedOnceAfterTheShares) {
  given(1'000);
  contents_.zips = ZipTime::when_moved;
  bench_.server.refs.head = {.symref_target = "refs/heads/main", .oid = FakeServer::oid(1)};
  made_ = plan();

  const BatchSummary first = divided();
  fetch(1, first.left);
  const std::size_t early = bench_.github.zips_asked.size();
  go_on(first.left);

  EXPECT_EQ(early, 0U);
  EXPECT_EQ(finish(made_).count(OutcomeKind::saved), 1U);
  EXPECT_THAT(bench_.github.zips_asked, SizeIs(1));
}

TEST_F(SharedRunOfManyObjects, AShareOfASnapshotThatCannotBeReadFetchesNothing) {
  given(1'000);
  made_ = plan();

  const BatchSummary first = divided();
  for (const auto& file : std::filesystem::recursive_directory_iterator(bench_.folder.path() / "repos"))
    if (file.path().string().ends_with(".cursor.zst")) std::ofstream(file.path(), std::ios::trunc) << "x";
  const BatchSummary share = fetch(1, first.left);
  const std::size_t fetched = lfs_.downloads();
  go_on(first.left);

  EXPECT_TRUE(share.is_done);
  EXPECT_EQ(fetched, 0U);
  EXPECT_THAT(downloads(), Each(Pair(_, 1)));
  EXPECT_EQ(finish(made_).count(OutcomeKind::saved), 1U);
}

TEST_F(SharedRunOfManyObjects, ASetThatIsNotLargeStaysWithOneWorker) {
  given(999);
  made_ = plan();

  const BatchSummary only = divided();

  EXPECT_TRUE(only.is_done);
  EXPECT_EQ(only.shares, 0);
  EXPECT_EQ(lfs_.downloads(), kThere);
}

TEST_F(SharedRunOfManyObjects, FewObjectsAreDividedForTheirBytes) {
  for (const char* name : {"a", "b", "c"}) point_at({.oid = sha256_hex(name), .size = ByteCount{3} << 30});
  made_ = plan();

  EXPECT_EQ(divided().shares, 4);
}

TEST_F(SharedRunOfManyObjects, WhatForksHaveInCommonComesOnce) {
  list(2);
  given(1'000);
  made_ = plan();

  const BatchSummary first = divided();
  for (const int share : {1, 2, 3, 4}) fetch(share, first.left);
  go_on(first.left);

  EXPECT_THAT(first.left.at("items"), SizeIs(2));
  EXPECT_THAT(downloads(), Each(Pair(_, 1)));
  EXPECT_EQ(finish(made_).count(OutcomeKind::saved), 2U);
}

TEST_F(SharedRunOfManyObjects, WhatIsNoSharedRunFetchesAll) {
  given(1'000);
  MemoryBudget memory(ByteCount{64} << 20);

  const RunSummary end = backup_account(bench_.context, {}, memory, {});

  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_EQ(lfs_.downloads(), kThere);
  EXPECT_EQ(lfs_.batches(), 10U);
}

}  // namespace
}  // namespace hubkeep
