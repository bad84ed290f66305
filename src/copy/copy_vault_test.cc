#include "copy/copy_vault.h"

#include <gmock/gmock.h>

#include "verify/verify_fixture.h"
#include "verify/verify_vault.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KeepingCopyObserver final : public CopyObserver {
 public:
  void selected(std::size_t) override { on_selected(); }
  void copied(ByteCount bytes) override { bytes_copied += bytes; }
  void finished(const CopyOutcome&) override {}
  void retrying(const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string& text) override { notices.push_back(text); }

  std::atomic<ByteCount> bytes_copied = 0;
  std::vector<std::string> notices;
  std::function<void()> on_selected = [] {};
};

class CopyVault : public VerifyTest {
 protected:
  CopySummary copy(std::vector<std::string> names = {}) {
    return copy_vault({.from = vault_, .to = other_, .observer = copying_},
                      {.repositories = std::move(names), .jobs = 3}, memory_, {});
  }
  void expect_good_copy() {
    const VerifySummary summary =
        verify_vault(other_, {.read = {.kind = DataSubset::Kind::all}, .jobs = 1}, observer_, {});
    EXPECT_TRUE(summary.is_good());
    EXPECT_EQ(other_.read_catalog({}), vault_.read_catalog({}));
  }
  std::size_t snapshots_there(std::int64_t id) { return other_.list_snapshots(folder_of(id)).size(); }

  ScratchFolder other_folder_;
  Vault other_{open_store(other_folder_.path().string(), OpenMode::create, {}), OpenMode::create, clock_};
  MemoryBudget memory_{ByteCount{64} << 20U};
  KeepingCopyObserver copying_;
};

TEST_F(CopyVault, CopiesEverythingOnce) {
  for (const int id : {1, 1, 2, 1, 3}) add_snapshot(id);
  const auto report = vault_.store().create("runs/20261101T000000Z-00000a.jsonl.zst");
  report->write("report");
  report->commit(Precondition::absent());

  const CopySummary first = copy();
  const ByteCount bytes = copying_.bytes_copied;
  const CopySummary second = copy();

  EXPECT_TRUE(first.is_good());
  EXPECT_EQ(first.reports, 1U);
  expect_good_copy();
  EXPECT_TRUE(second.is_good());
  EXPECT_EQ(copying_.bytes_copied, bytes);
  EXPECT_EQ(second.reports, 0U);
}

TEST_F(CopyVault, CopiesOnlyWhatIsNew) {
  for (const int id : {1, 2}) add_snapshot(id);
  copy();
  const Manifest manifest = add_snapshot(1);

  const CopySummary summary = copy();

  std::size_t snapshots = 0;
  std::size_t objects = 0;
  for (const CopyOutcome& outcome : summary.outcomes) {
    snapshots += outcome.snapshots;
    objects += outcome.objects;
  }
  EXPECT_EQ(snapshots, 1U);
  EXPECT_EQ(objects, 2U);
  expect_good_copy();
}

TEST_F(CopyVault, CopiesTheRepositoriesThatAreNamed) {
  for (const int id : {1, 2}) add_snapshot(id);

  const CopySummary summary = copy({"acme/site2"});

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 0U);
  EXPECT_EQ(snapshots_there(2), 1U);
  EXPECT_THROW(copy({"acme/none"}), Error);
}

TEST_F(CopyVault, LeavesOutWhatIsDamagedAndCopiesTheRest) {
  const Manifest first = add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(2);
  flip_a_bit(bundle_file(second));

  const CopySummary summary = copy();

  EXPECT_FALSE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 1U);
  EXPECT_EQ(snapshots_there(2), 1U);
  const Catalog catalog = other_.read_catalog({}).value();
  EXPECT_THAT(catalog.at({"github.com", 1}).newest,
              ElementsAre(testing::Field(&CatalogSnapshot::snapshot, first.snapshot)));
  for (const CopyOutcome& outcome : summary.outcomes) {
    if (outcome.id != 1) continue;
    ASSERT_EQ(outcome.problems.size(), 1U);
    EXPECT_THAT(outcome.problems.front(), HasSubstr(second.snapshot.str()));
  }
  EXPECT_THAT(
      std::filesystem::exists(other_folder_.path() / folder_of(1) / second.git.bundles.back().record.key),
      false);
}

TEST_F(CopyVault, GoesOnWhereACopyWasInterrupted) {
  add_snapshot(1);
  add_snapshot(1);
  const Manifest third = add_snapshot(1);
  copy();
  std::filesystem::remove(other_folder_.path() / folder_of(1) / manifest_key(third.snapshot));
  std::filesystem::remove(other_folder_.path() / "catalog.jsonl.zst");
  copying_.bytes_copied = 0;

  const CopySummary summary = copy();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(summary.outcomes.front().snapshots, 1U);
  EXPECT_EQ(summary.outcomes.front().objects, 0U);
  expect_good_copy();
}

TEST_F(CopyVault, KeepsWhatTheOtherVaultHasOfItsOwn) {
  add_snapshot(1);
  copy();
  Manifest own = next_manifest(1);
  const std::string sha256 = other_.write_manifest(folder_of(1), own);
  other_.update_catalog({{.entry = entry_of(own, sha256, folder_of(1)),
                          .supersedes = {own.previous.front().snapshot},
                          .has_new_snapshot = true}},
                        [](const std::string&) {}, {});
  const Manifest here = add_snapshot(1);

  copy();

  const auto newest = other_.read_catalog({}).value().at({"github.com", 1}).newest;
  EXPECT_THAT(newest,
              testing::UnorderedElementsAre(testing::Field(&CatalogSnapshot::snapshot, own.snapshot),
                                            testing::Field(&CatalogSnapshot::snapshot, here.snapshot)));
}

TEST_F(CopyVault, DoesNotTrustAnObjectOfAnotherSize) {
  const Manifest manifest = add_snapshot(1);
  const auto writer = other_.store().create(folder_of(1) + manifest.git.bundles.front().record.key);
  writer->write("something else");
  writer->commit(Precondition::absent());

  const CopySummary summary = copy();

  EXPECT_FALSE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 0U);
  EXPECT_THAT(summary.outcomes.front().problems.front(), HasSubstr("14 bytes"));
}

TEST_F(CopyVault, StopsWhenToldTo) {
  add_snapshot(1);
  std::stop_source stop;
  copying_.on_selected = [&] { stop.request_stop(); };

  const CopySummary summary = copy_vault({.from = vault_, .to = other_, .observer = copying_}, {.jobs = 1},
                                         memory_, stop.get_token());

  EXPECT_TRUE(summary.stopped);
  EXPECT_THAT(summary.outcomes, IsEmpty());
}

}  // namespace
}  // namespace hubkeep
