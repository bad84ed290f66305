#include "verify/verify_repository.h"

#include <gmock/gmock.h>

#include "base/error_of.h"
#include "verify/verify_fixture.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyRepository : public VerifyTest {
 protected:
  Verdict verify(DataSubset::Kind read = DataSubset::Kind::none) {
    DataChooser chooser({.kind = read}, 0);
    return verify_repository(
        {.vault = vault_, .chooser = chooser, .observer = observer_, .readers = readers_}, entry(), {});
  }
  CatalogEntry entry() { return vault_.read_catalog({}).value().at({"github.com", 1}); }
  void expect_one(const Verdict& verdict, DamageKind kind, const std::string& key,
                  const std::vector<SnapshotId>& snapshots) {
    ASSERT_EQ(verdict.damages.size(), 1U);
    EXPECT_EQ(verdict.damages.front().kind, kind) << verdict.damages.front().detail;
    EXPECT_THAT(verdict.damages.front().key, HasSubstr(key));
    EXPECT_EQ(verdict.damages.front().snapshots, snapshots);
    EXPECT_FALSE(verdict.is_good());
  }

  std::size_t readers_ = 1;
  Manifest first_ = add_snapshot(1);
  Manifest second_ = add_snapshot(1);
  Manifest third_ = add_snapshot(1);
};

TEST_F(VerifyRepository, FindsNothingWhereAllIsWell) {
  const Verdict verdict = verify(DataSubset::Kind::all);

  EXPECT_TRUE(verdict.is_good());
  EXPECT_THAT(verdict.damages, IsEmpty());
  EXPECT_EQ(verdict.repository, "acme/site1");
  EXPECT_EQ(verdict.snapshots, 3U);
  EXPECT_EQ(verdict.restorable, 3U);
  EXPECT_EQ(verdict.newest_restorable, third_.snapshot);
  EXPECT_EQ(verdict.objects, 9U);
  EXPECT_EQ(verdict.objects_read, 6U);  // manifests are read in any case
  EXPECT_EQ(verdict.bytes_read, verdict.bytes);
  EXPECT_EQ(observer_.read_bytes, verdict.bytes);
}

TEST_F(VerifyRepository, ReadsNoDataUnlessToldTo) {
  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.objects, 9U);
  EXPECT_EQ(verdict.objects_read, 0U);
}

TEST_F(VerifyRepository, MissesABundleAndNamesTheSnapshotsThatNeedIt) {
  std::filesystem::remove(bundle_file(second_));

  const Verdict verdict = verify();

  expect_one(verdict, DamageKind::missing, "git/" + second_.snapshot.str() + ".bundle",
             {third_.snapshot, second_.snapshot});
  EXPECT_EQ(verdict.restorable, 1U);
  EXPECT_EQ(verdict.newest_restorable, first_.snapshot);
}

TEST_F(VerifyRepository, ALostIndexKeepsNoSnapshotFromBeingRestored) {
  const Manifest indexed = add_indexed_snapshot(1);
  std::filesystem::remove(index_file(indexed));

  const Verdict verdict = verify();

  EXPECT_FALSE(verdict.is_good());
  ASSERT_EQ(verdict.damages.size(), 1U);
  EXPECT_EQ(verdict.damages.front().kind, DamageKind::missing);
  EXPECT_EQ(verdict.restorable, verdict.snapshots);
  EXPECT_EQ(verdict.newest_restorable, indexed.snapshot);
}

TEST_F(VerifyRepository, SeesAnotherSizeWithoutReading) {
  std::filesystem::resize_file(bundle_file(third_), 50);

  const Verdict verdict = verify();

  expect_one(verdict, DamageKind::size, third_.snapshot.str(), {third_.snapshot});
  EXPECT_THAT(verdict.damages.front().detail, HasSubstr("has 50 bytes where"));
}

TEST_F(VerifyRepository, SeesOtherBytesOnlyWhenItReads) {
  flip_a_bit(bundle_file(first_));

  EXPECT_TRUE(verify().is_good());
  const Verdict verdict = verify(DataSubset::Kind::all);

  expect_one(verdict, DamageKind::content, first_.snapshot.str(),
             {third_.snapshot, second_.snapshot, first_.snapshot});
  EXPECT_EQ(verdict.damages.front().detail, "is not what was written: its SHA-256 differs");
  EXPECT_EQ(verdict.newest_restorable, std::nullopt);
}

TEST_F(VerifyRepository, FindsTheSameWithManyReaders) {
  for (int i = 0; i < 15; ++i) add_snapshot(1);
  flip_a_bit(bundle_file(second_));
  std::filesystem::remove(bundle_file(third_));
  const Verdict one = verify(DataSubset::Kind::all);
  readers_ = 8;

  const Verdict many = verify(DataSubset::Kind::all);

  ASSERT_EQ(many.damages.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(many.damages[i].key, one.damages[i].key);
    EXPECT_EQ(many.damages[i].snapshots, one.damages[i].snapshots);
  }
  EXPECT_EQ(many.objects, one.objects);
  EXPECT_EQ(many.objects_read, one.objects_read);
  EXPECT_EQ(many.bytes_read, one.bytes_read);
}

TEST_F(VerifyRepository, MissesAManifestThatALaterOneNames) {
  std::filesystem::remove(manifest_file(second_));

  const Verdict verdict = verify();

  expect_one(verdict, DamageKind::missing, manifest_key(second_.snapshot), {second_.snapshot});
  EXPECT_EQ(verdict.restorable, 2U);
}

TEST_F(VerifyRepository, MissesTheManifestThatOnlyTheCatalogNames) {
  std::filesystem::remove(manifest_file(third_));

  expect_one(verify(), DamageKind::missing, manifest_key(third_.snapshot), {third_.snapshot});
}

TEST_F(VerifyRepository, ReadsEveryManifest) {
  flip_a_bit(manifest_file(first_), 40);

  expect_one(verify(), DamageKind::content, manifest_key(first_.snapshot), {first_.snapshot});
}

TEST_F(VerifyRepository, KnowsAManifestThatIsWholeAndAnother) {
  Manifest changed = second_;
  changed.listing.default_branch = "evil";
  std::filesystem::remove(manifest_file(second_));
  vault_.write_manifest(folder_of(1), changed);

  expect_one(verify(), DamageKind::content, manifest_key(second_.snapshot), {second_.snapshot});
}

TEST_F(VerifyRepository, KnowsAManifestThatBelongsToAnotherRepository) {
  Manifest other = next_manifest(1);
  other.repository_id = 2;
  vault_.write_manifest(folder_of(1), other);

  const Verdict verdict = verify();

  expect_one(verdict, DamageKind::content, manifest_key(other.snapshot), {other.snapshot});
  EXPECT_THAT(verdict.damages.front().detail, HasSubstr("another repository"));
}

TEST_F(VerifyRepository, HoldsTwoManifestsThatDisagreeAgainstTheSameObject) {
  Manifest wrong = next_manifest(1);
  GitPart git = git_part(wrong.parts);
  git.bundles.front().record.sha256 = std::string(64, '0');
  set_git_part(wrong.parts, git);
  commit(wrong);

  expect_one(verify(DataSubset::Kind::all), DamageKind::content, first_.snapshot.str(), {wrong.snapshot});
}

TEST_F(VerifyRepository, AcceptsWhatARepairHasGivenUp) {
  std::filesystem::remove(bundle_file(first_));
  Manifest repaired = next_manifest(1);
  repaired.lost = {git_part(first_.parts).bundles.front().record.key};
  GitPart git = git_part(repaired.parts);
  git.bundles.clear();
  set_git_part(repaired.parts, git);
  commit(repaired);

  const Verdict verdict = verify();

  ASSERT_EQ(verdict.damages.size(), 1U);
  EXPECT_TRUE(verdict.damages.front().accepted);
  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.restorable, 1U);
  EXPECT_EQ(verdict.newest_restorable, repaired.snapshot);
}

TEST_F(VerifyRepository, DoesNotCallAPartialSnapshotTheNewestThatCanBeRestored) {
  add_snapshot(1, PartStatus::partial);

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.restorable, 4U);
  EXPECT_EQ(verdict.newest_restorable, third_.snapshot);
}

TEST_F(VerifyRepository, FindsWhatTheCatalogWasNotToldOf) {
  Manifest unnoticed = next_manifest(1);
  vault_.write_manifest(folder_of(1), unnoticed);

  EXPECT_EQ(verify().snapshots, 4U);
}

TEST_F(VerifyRepository, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  DataChooser chooser({.kind = DataSubset::Kind::all}, 0);

  const Error error = error_of([&] {
    verify_repository({.vault = vault_, .chooser = chooser, .observer = observer_}, entry(),
                      stop.get_token());
  });

  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
}

TEST_F(VerifyRepository, TellsOfWhatNoManifestNames) {
  write(1, "git/left.bundle", "12345");
  write(1, "git/sub/left", "1");
  write(1, "wiki/left", "of a wiki");
  std::ofstream(manifest_file(third_).parent_path() / "x.json.zst") << "no snapshot";
  std::filesystem::create_symlink("nowhere", bundle_file(third_).parent_path() / "link");

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  std::map<std::string, std::pair<ByteCount, std::string>> unnamed;
  for (const Unnamed& one : verdict.unnamed)
    unnamed[one.key.substr(folder_of(1).size())] = {one.size, one.what};
  EXPECT_EQ(unnamed, (decltype(unnamed){{"git/left.bundle", {5, ""}},
                                        {"git/sub/left", {1, ""}},
                                        {"snapshots/x.json.zst", {11, ""}},
                                        {"wiki/left", {9, ""}},
                                        {"git/link", {0, "a symbolic link"}}}));
}

TEST_F(VerifyRepository, NamesWhatALostSnapshotHadAsNeededByNothing) {
  std::filesystem::remove(manifest_file(third_));

  const Verdict verdict = verify();

  expect_one(verdict, DamageKind::missing, third_.snapshot.str(), {third_.snapshot});
  ASSERT_EQ(verdict.unnamed.size(), 2U);
  EXPECT_THAT(verdict.unnamed.front().key, HasSubstr(third_.snapshot.str() + ".bundle"));
}

TEST_F(VerifyRepository, SaysWhatIsInAnObjectsPlace) {
  std::filesystem::remove(bundle_file(first_));
  std::filesystem::create_directories(bundle_file(first_) / "below");
  std::filesystem::remove(manifest_file(third_));
  std::filesystem::create_symlink("nowhere", manifest_file(third_));

  for (const auto kind : {DataSubset::Kind::none, DataSubset::Kind::all}) {
    const Verdict verdict = verify(kind);

    ASSERT_EQ(verdict.damages.size(), 2U);
    EXPECT_EQ(verdict.damages[0].detail, "is a symbolic link, not a file");
    EXPECT_EQ(verdict.damages[1].detail, "is a folder, not a file");
  }
}

TEST_F(VerifyRepository, DoesNotMissWhatWasRemoved) {
  remove_snapshot(vault_, second_);

  const Verdict verdict = verify(DataSubset::Kind::all);

  EXPECT_TRUE(verdict.is_good());
  EXPECT_THAT(verdict.damages, IsEmpty());
  EXPECT_EQ(verdict.snapshots, 2U);
  EXPECT_EQ(verdict.removed, 1U);
  EXPECT_EQ(verdict.restorable, 2U);
  ASSERT_EQ(verdict.unnamed.size(), 1U);  // its refs; its bundle is the third's as well
  EXPECT_THAT(verdict.unnamed.front().key, HasSubstr(git_part(second_.parts).refs.front().key));
}

TEST_F(VerifyRepository, DoesNotMissARemovedOneThatTheCatalogNames) {
  remove_snapshot(vault_, third_);

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.newest_restorable, second_.snapshot);
}

TEST_F(VerifyRepository, CountsARemovedOneAsThereWhileItsManifestIs) {
  record_removal(vault_, second_);

  const Verdict verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.snapshots, 3U);
  EXPECT_EQ(verdict.removed, 0U);
  EXPECT_THAT(verdict.unnamed, IsEmpty());
  std::filesystem::remove(bundle_file(second_));
  EXPECT_FALSE(verify().is_good());
}

TEST_F(VerifyRepository, MissesWhatNoRecordSaysIsRemoved) {
  remove_snapshot(vault_, second_);
  std::filesystem::remove(manifest_file(first_));

  expect_one(verify(), DamageKind::missing, manifest_key(first_.snapshot), {first_.snapshot});
}

TEST_F(VerifyRepository, MissesWhatWasRemovedWhenTheRecordIsLost) {
  remove_snapshot(vault_, second_);
  std::filesystem::remove(removal_file(1));

  expect_one(verify(), DamageKind::missing, manifest_key(second_.snapshot), {second_.snapshot});
}

TEST_F(VerifyRepository, KnowsADamagedRecordOfRemovedSnapshots) {
  record_removal(vault_, second_);
  flip_a_bit(removal_file(1));

  expect_one(verify(), DamageKind::content, removal_key(snapshot(15)), {});
}

}  // namespace
}  // namespace hubkeep
