#include "copy/copy_vault.h"

#include <gmock/gmock.h>

#include "copy/copy_state.h"
#include "vault/losses.h"
#include "vault/stored_objects.h"
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
  void moved(ByteCount bytes) override {
    bytes_copied += bytes;
    if (on_copied) std::exchange(on_copied, nullptr)();
  }
  void finished(const CopyOutcome&) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string& text) override { notices.push_back(text); }
  void made_vault(const std::string&, const std::string&) override {}

  std::atomic<ByteCount> bytes_copied = 0;
  std::vector<std::string> notices;
  std::function<void()> on_selected = [] {};
  std::function<void()> on_copied;  // once, where one thread copies
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
  Vault other_{std::make_unique<FolderStore>(other_folder_.path().string(), OpenMode::create),
               OpenMode::create, clock_};
  MemoryBudget memory_{ByteCount{64} << 20U};
  KeepingCopyObserver copying_;
};

TEST_F(CopyVault, CopiesEverythingOnce) {
  for (const int id : {1, 1, 2, 1, 3}) add_snapshot(id);
  overwrite_object(vault_.objects(), "runs/20261101T000000Z-00000a.jsonl.zst", "report");

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

TEST_F(CopyVault, CopiesWhatRepositoriesShareOnce) {
  const std::string content(5000, 'x');
  for (const int id : {1, 2}) add_snapshot_with_lfs(id, content);
  Vault other(std::make_unique<MeetingStore>(
                  std::make_shared<FolderStore>(other_folder_.path().string(), OpenMode::write)),
              OpenMode::write, clock_);

  const CopySummary summary =
      copy_vault({.from = vault_, .to = other, .observer = copying_}, {.jobs = 2}, memory_, {});

  EXPECT_TRUE(summary.is_good());
  std::size_t objects = 0;
  for (const CopyOutcome& outcome : summary.outcomes) objects += outcome.objects;
  EXPECT_EQ(objects, 2 * 2U + 1U) << "of each a bundle and its refs, of both one object";
  expect_good_copy();
}

TEST_F(CopyVault, CopiesSubjectsOfAllKinds) {
  const SubjectId ids[] = {7, SubjectId::gist("7"), SubjectId::gist("aa5a"), SubjectId::account(7)};
  for (const SubjectId& id : ids)
    for (int snapshots = 0; snapshots < 2; ++snapshots) add_snapshot(id);
  vault_.update_state("github.com",
                      [&](HostState& state) { remember_snapshots(state, *vault_.read_catalog({})); }, clock_,
                      {});

  const CopySummary summary = copy();

  EXPECT_TRUE(summary.is_good());
  expect_good_copy();
  for (const SubjectId& id : ids) EXPECT_EQ(other_.list_snapshots(folder_of(id)).size(), 2U) << id.str();
  EXPECT_EQ(other_.read_state("github.com", {})->repositories,
            vault_.read_state("github.com", {})->repositories);
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
  EXPECT_THAT(std::filesystem::exists(other_folder_.path() / folder_of(1) /
                                      git_part(second.parts).bundles.back().record.key),
              false);
}

TEST_F(CopyVault, ALostIndexKeepsNoSnapshotBack) {
  const Manifest indexed = add_indexed_snapshot(1);
  add_snapshot(1);
  std::filesystem::remove(index_file(indexed));

  const CopySummary summary = copy();

  EXPECT_FALSE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 3U);
  ASSERT_EQ(summary.outcomes.size(), 1U);
  ASSERT_EQ(summary.outcomes.front().problems.size(), 1U);
  EXPECT_THAT(summary.outcomes.front().problems.front(),
              HasSubstr(git_part(indexed.parts).bundles.back().index->key));
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
  overwrite_object(other_.objects(), folder_of(1) + git_part(manifest.parts).bundles.front().record.key,
                   "something else");

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

namespace fs = std::filesystem;

// A vault with history, zips of two days and a report; and a copy of it, of which one object after the other
// is lost or damaged before it is copied again.
class CopyOntoADamagedVault : public CopyVault {
 protected:
  CopyOntoADamagedVault() {
    for (const int id : {1, 2, 1, 1}) add_snapshot(id);
    commit(next_manifest(1));
    add_snapshot(3, PartStatus::partial);
    for (const char* day : {"2026-11-23", "2026-11-24"})
      for (const int id : {1, 2}) add_zip(day, id);
    vault_.replace_catalog([](const std::string&) {}, {});  // which learns of the zips so
    overwrite_object(vault_.objects(), "runs/20261101T000000Z-00000a.jsonl.zst", "report");
    overwrite_object(vault_.objects(), "drills/20261101T000000Z-00000a.json", "result");
    EXPECT_TRUE(copy().is_good());
    EXPECT_EQ(other_.read_catalog({}), vault_.read_catalog({}));
    fs::copy(other_folder_.path(), whole_.path(), kAll);
  }

  std::vector<std::string> objects() const {
    std::vector<std::string> keys;
    for (const auto& entry : fs::recursive_directory_iterator(whole_.path())) {
      const std::string key = fs::relative(entry.path(), whole_.path()).string();
      if (entry.is_regular_file() && !key.starts_with(".tmp")) keys.push_back(key);
    }
    return keys;
  }
  fs::path there(const std::string& key) const { return other_folder_.path() / key; }
  void make_whole() {
    for (const auto& entry : fs::directory_iterator(other_folder_.path())) fs::remove_all(entry.path());
    fs::copy(whole_.path(), other_folder_.path(), kAll);
  }

  enum class End { mended, told, hidden };
  struct Result {
    End end = End::hidden;
    std::string said;
  };
  /// As the program does it: the other vault is opened anew.
  Result copy_again() {
    std::string said;
    try {
      Vault other(std::make_unique<FolderStore>(other_folder_.path().string(), OpenMode::create),
                  OpenMode::create, clock_);
      const CopySummary summary =
          copy_vault({.from = vault_, .to = other, .observer = copying_}, {.jobs = 2}, memory_, {});
      for (const std::string& problem : summary.problems) said += problem + "\n";
      for (const CopyOutcome& outcome : summary.outcomes)
        for (const std::string& problem : outcome.problems) said += problem + "\n";
      if (!summary.is_good()) return {End::told, said};
    } catch (const Error& error) {
      return {End::told, error.message()};
    }
    return {is_whole() ? End::mended : End::hidden, said};
  }
  bool is_whole() {
    for (const std::string& key : objects()) {
      std::ifstream left(whole_.path() / key);
      std::ifstream right(there(key));
      using Bytes = std::istreambuf_iterator<char>;
      if (key != "catalog.jsonl.zst" &&
          (!right || std::string(Bytes(left), {}) != std::string(Bytes(right), {})))
        return false;
    }
    return other_.read_catalog({}) == vault_.read_catalog({});
  }
  bool verify_finds_it() {
    return !verify_vault(other_, {.read = {.kind = DataSubset::Kind::all}, .jobs = 1}, observer_, {})
                .is_good();
  }

  static constexpr auto kAll = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  ScratchFolder whole_;
};

TEST_F(CopyOntoADamagedVault, WhatIsLostIsCopiedAgain) {
  for (const std::string& key : objects()) {
    SCOPED_TRACE(key);
    make_whole();
    fs::remove(there(key));

    const Result result = copy_again();

    if (key == "hubkeep.json" || key.starts_with("state/")) {
      EXPECT_EQ(result.end, End::told);
    } else {
      EXPECT_EQ(result.end, End::mended) << result.said;
    }
  }
}

TEST_F(CopyOntoADamagedVault, WhatIsCutShortIsToldOfAndTheAdviceMendsIt) {
  for (const std::string& key : objects()) {
    if (key == "README.txt") continue;  // a help for people, which verify looks at
    SCOPED_TRACE(key);
    make_whole();
    fs::resize_file(there(key), fs::file_size(there(key)) / 2);

    const Result result = copy_again();
    const Result again = copy_again();

    if (key == "catalog.jsonl.zst") {
      EXPECT_EQ(result.end, End::mended);
      continue;
    }
    EXPECT_EQ(result.end, End::told);
    EXPECT_EQ(again.end, End::told);
    if (key == "hubkeep.json") continue;
    EXPECT_THAT(result.said, HasSubstr(key));
    if (key.starts_with("state/")) continue;
    EXPECT_THAT(result.said, HasSubstr("remove it there, then copy again"));
    fs::remove(there(key));
    EXPECT_EQ(copy_again().end, End::mended);
  }
}

// A folder keeps no checksums, so that only reading finds a byte that has changed. The copy hides it from
// nobody.
TEST_F(CopyOntoADamagedVault, WhatIsChangedIsMendedOrToldOfOrStillFoundByVerify) {
  for (const std::string& key : objects()) {
    if (key == "README.txt") continue;
    SCOPED_TRACE(key);
    make_whole();
    flip_a_bit(there(key), static_cast<std::streamoff>(fs::file_size(there(key)) / 2));

    const Result result = copy_again();

    const bool nobody_needs_it = key.starts_with("runs/") || key.starts_with("drills/");
    EXPECT_TRUE(result.end != End::hidden || nobody_needs_it || verify_finds_it());
  }
}

TEST_F(CopyOntoADamagedVault, ALostFolderOfARepositoryIsCopiedAgain) {
  fs::remove_all(there(folder_of(1)));

  EXPECT_EQ(copy_again().end, End::mended);
}

TEST_F(CopyOntoADamagedVault, LostZipsOfADayAreCopiedAgainUnlessAllBeforeThemAreGone) {
  fs::remove_all(there("zip/2026-11-24/acme"));
  EXPECT_EQ(copy_again().end, End::mended);

  fs::remove_all(there("zip/2026-11-23/acme"));  // as a rule of the bucket does it
  EXPECT_EQ(copy_again().end, End::hidden);
  EXPECT_TRUE(fs::exists(there("zip/2026-11-24/acme")));
  EXPECT_FALSE(fs::exists(there("zip/2026-11-23/acme")));
}

TEST_F(CopyOntoADamagedVault, ASnapshotThatOnlyItsCatalogHasIsToldOfInEachCopy) {
  Manifest own = next_manifest(2);
  const std::string sha256 = other_.write_manifest(folder_of(2), own);
  other_.update_catalog({{.entry = entry_of(own, sha256, folder_of(2)),
                          .supersedes = {own.previous.front().snapshot},
                          .has_new_snapshot = true}},
                        [](const std::string&) {}, {});
  fs::remove(there(folder_of(2) + manifest_key(own.snapshot)));

  for (int round = 0; round < 2; ++round) {
    const Result result = copy_again();

    EXPECT_EQ(result.end, End::told);
    EXPECT_THAT(result.said, HasSubstr(own.snapshot.str() + " is named in the catalog"));
  }
}

TEST_F(CopyVault, WhatNothingNamesIsNotCopied) {
  add_snapshot(1);
  write(1, "git/20261101T000000Z-00000a.bundle", "left by a run that was killed");

  const CopySummary first = copy();
  const CopySummary second = copy();

  EXPECT_TRUE(first.is_good());
  EXPECT_TRUE(second.is_good());
  EXPECT_FALSE(fs::exists(other_folder_.path() / folder_of(1) / "git/20261101T000000Z-00000a.bundle"));
}

TEST_F(CopyVault, WhatAnotherCopyHasWrittenMeanwhileIsTakenWhereItIsTheSame) {
  const Manifest manifest = add_snapshot(1);
  const std::string key = folder_of(1) + git_part(manifest.parts).bundles.front().record.key;
  const auto write_there = [&](const std::string& bytes) {
    fs::create_directories((other_folder_.path() / key).parent_path());
    std::ofstream(other_folder_.path() / key, std::ios::binary) << bytes;
  };
  const std::string right = "git/" + manifest.snapshot.str() + std::string(2000, 'b');
  // Once the other vault has been listed: the first bytes have come.
  copying_.on_copied = [&] { write_there(right); };

  const CopySummary same = copy();

  EXPECT_TRUE(same.is_good());
  expect_good_copy();
}

TEST_F(CopyVault, WhatACopyThatWasCutShortHasLeftIsLookedAt) {
  const Manifest manifest = add_snapshot(1);
  copy();
  fs::remove(other_folder_.path() / folder_of(1) / manifest_key(manifest.snapshot));
  flip_a_bit(other_folder_.path() / folder_of(1) / git_part(manifest.parts).bundles.front().record.key);

  const CopySummary summary = copy();

  EXPECT_FALSE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 0U);
  EXPECT_THAT(summary.outcomes.front().problems.front(), HasSubstr("with other bytes"));
}

TEST_F(CopyVault, WhatAnotherHasWrittenMeanwhileWithOtherBytesIsToldOf) {
  const Manifest manifest = add_snapshot(1);
  const std::string key = folder_of(1) + git_part(manifest.parts).bundles.front().record.key;
  copying_.on_copied = [&] {
    fs::create_directories((other_folder_.path() / key).parent_path());
    std::ofstream(other_folder_.path() / key, std::ios::binary)
        << "git/" << manifest.snapshot.str() << std::string(2000, 'c');
  };

  const CopySummary other = copy();

  EXPECT_FALSE(other.is_good());
  EXPECT_EQ(snapshots_there(1), 0U);
  EXPECT_THAT(other.outcomes.front().problems.front(),
              HasSubstr(key + " is there already, with other bytes"));
}

TEST_F(CopyVault, TakesAlongWhatTheVaultRemembers) {
  const Manifest first = add_snapshot(1);
  add_snapshot(2);
  const std::string lost = folder_of(1) + "git/lost.bundle";
  vault_.update_state(
      "github.com",
      [&](HostState& state) {
        remember_snapshots(state, *vault_.read_catalog({}));
        state.repositories[1].failure = Failure{.since = {}, .kind = ErrorKind::forbidden, .message = "no"};
        state.repositories[1].losses = {{.key = lost, .detail = "is missing"}};
        state.repositories[9] = {.name = "acme/never", .folder = "", .checked_at = clock_.now()};
      },
      clock_, {});

  copy();
  const auto there = other_.read_state("github.com", {});
  const VerifySummary verified = verify_vault(other_, {.jobs = 1}, observer_, {});

  ASSERT_TRUE(there.has_value());
  EXPECT_EQ(there->vault, other_.id());
  EXPECT_EQ(there->repositories, vault_.read_state("github.com", {})->repositories);
  EXPECT_FALSE(verified.is_good()) << "what is lost here is lost there";
}

TEST_F(CopyVault, OfSomeRepositoriesItTakesNoOthersAlong) {
  add_snapshot(1);
  add_snapshot(2);
  vault_.update_state("github.com",
                      [&](HostState& state) { remember_snapshots(state, *vault_.read_catalog({})); }, clock_,
                      {});

  copy({"acme/site2"});

  EXPECT_EQ(other_.read_state("github.com", {})->repositories.size(), 1U);
  EXPECT_TRUE(verify_vault(other_, {.jobs = 1}, observer_, {}).is_good());
}

TEST_F(CopyVault, WhatIsLostHereAndThereInTheOtherIsNotLostThere) {
  const Manifest manifest = add_snapshot(1);
  copy();
  const ObjectRecord bundle = git_part(manifest.parts).bundles.front().record;
  std::filesystem::remove(bundle_file(manifest));
  vault_.update_state("github.com",
                      [&](HostState& state) {
                        state.repositories[1].losses = {
                            {.key = folder_of(1) + bundle.key, .detail = "is missing", .size = bundle.size}};
                      },
                      clock_, {});

  copy();

  EXPECT_TRUE(verify_vault(other_, {.jobs = 1}, observer_, {}).is_good());
  EXPECT_FALSE(verify_vault(vault_, {.jobs = 1}, observer_, {}).is_good());
}

TEST_F(CopyVault, ThatIsBrokenOffIsKnownToBeOne) {
  const Manifest manifest = add_snapshot(1);
  vault_.update_state("github.com",
                      [&](HostState& state) { remember_snapshots(state, *vault_.read_catalog({})); }, clock_,
                      {});
  copy();
  std::filesystem::remove_all(other_folder_.path() / "repos");
  std::filesystem::remove(other_folder_.path() / "catalog.jsonl.zst");

  const VerifySummary verified = verify_vault(other_, {.jobs = 1}, observer_, {});

  ASSERT_EQ(verified.verdicts.size(), 1U);
  ASSERT_EQ(verified.verdicts.front().damages.size(), 1U);
  EXPECT_EQ(verified.verdicts.front().damages.front().key, folder_of(1) + manifest_key(manifest.snapshot));
}

TEST_F(CopyVault, ADamagedStateIsAProblemAndTheRestIsCopied) {
  add_snapshot(1);
  std::ofstream(file("state/github.com.jsonl.zst")) << "damaged";

  const CopySummary summary = copy();

  ASSERT_THAT(summary.problems, testing::SizeIs(1));
  EXPECT_THAT(summary.problems.front(), HasSubstr("state/github.com.jsonl.zst"));
  EXPECT_EQ(snapshots_there(1), 1U);
}

TEST(MergeState, KeepsWhatIsNewerAndWhatWasAcceptedInEither) {
  const UtcTime early{std::chrono::seconds(1)};
  const UtcTime late{std::chrono::seconds(2)};
  const RepositoryState from{
      .name = "acme/new",
      .folder = "repos/h/a/from.1/",
      .checked_at = late,
      .absence = Absence{.since = late},
      .losses = {{.key = "repos/h/a/from.1/git/a", .found_at = early},
                 {.key = "repos/h/a/from.1/git/b", .found_at = late, .accepted_at = late},
                 {.key = "repos/h/a/from.1/git/c", .found_at = late}},
      .newest = {{SnapshotId::make(late), "x"}}};
  RepositoryState to{.name = "acme/old",
                     .folder = "repos/h/a/to.1/",
                     .checked_at = early,
                     .failure = Failure{.since = early},
                     .absence = Absence{.since = early, .accepted_at = early},
                     .losses = {{.key = "repos/h/a/to.1/git/a", .found_at = late, .accepted_at = late},
                                {.key = "repos/h/a/to.1/git/b", .found_at = early}},
                     .newest = {{SnapshotId::make(early), "y"}}};
  RepositoryState none;

  merge_state(to, from, to.folder);
  merge_state(none, from, from.folder);

  EXPECT_EQ(to.name, "acme/new");
  EXPECT_EQ(to.folder, "repos/h/a/to.1/");
  EXPECT_FALSE(to.failure.has_value());
  EXPECT_EQ(to.absence, (Absence{.since = late, .accepted_at = early}));
  EXPECT_EQ(to.losses,
            (std::vector<Loss>{{.key = "repos/h/a/to.1/git/a", .found_at = early, .accepted_at = late},
                               {.key = "repos/h/a/to.1/git/b", .found_at = early, .accepted_at = late},
                               {.key = "repos/h/a/to.1/git/c", .found_at = late}}));
  EXPECT_EQ(to.newest.front().sha256, "y") << "what it has itself";
  EXPECT_EQ(none, from);
}

TEST_F(CopyVault, TakesTheRecordOfARemovalAlong) {
  add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(1);
  remove_snapshot(vault_, second);

  const CopySummary summary = copy();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 2U);
  EXPECT_TRUE(read_removals(other_, folder_of(1), {}).contains(second.snapshot));
  expect_good_copy();
}

TEST_F(CopyVault, DoesNotBringBackWhatTheOtherVaultHasRemoved) {
  add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(1);
  copy();
  remove_snapshot(other_, second);

  const CopySummary unchanged = copy();
  add_snapshot(1);
  const CopySummary changed = copy();

  EXPECT_TRUE(unchanged.is_good());
  EXPECT_TRUE(changed.is_good());
  EXPECT_EQ(snapshots_there(1), 3U);
  expect_good_copy();
  EXPECT_FALSE(read_removals(vault_, folder_of(1), {}).contains(second.snapshot));
}

TEST_F(CopyVault, LeavesWhatTheOtherVaultStillHas) {
  const Manifest first = add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(1);
  copy();
  remove_snapshot(vault_, second, 15);
  remove_snapshot(other_, first, 16);

  const CopySummary summary = copy();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(snapshots_there(1), 2U);
  const Removals removals = read_removals(other_, folder_of(1), {});
  EXPECT_TRUE(removals.contains(second.snapshot));
  EXPECT_EQ(removals.keys.size(), 2U);  // its own, too
  EXPECT_TRUE(
      verify_vault(other_, {.read = {.kind = DataSubset::Kind::all}, .jobs = 1}, observer_, {}).is_good());
}

// A kill came between the record and the manifest: what is about to go is not brought elsewhere.
TEST_F(CopyVault, DoesNotBringWhatIsBeingRemoved) {
  add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(1);
  record_removal(vault_, second);

  EXPECT_TRUE(copy().is_good());

  EXPECT_EQ(snapshots_there(1), 2U);
  expect_good_copy();
}

TEST_F(CopyVault, LeavesOutADamagedRecordOfRemovedSnapshots) {
  add_snapshot(1);
  const Manifest second = add_snapshot(1);
  add_snapshot(1);
  remove_snapshot(vault_, second);
  flip_a_bit(removal_file(1));

  const CopySummary summary = copy();

  ASSERT_EQ(summary.outcomes.size(), 1U);
  EXPECT_THAT(summary.outcomes[0].problems,
              ElementsAre(HasSubstr("what a run has removed is left out"),
                          HasSubstr("snapshot " + second.snapshot.str() + " is left out")));
  EXPECT_FALSE(other_.objects().find(folder_of(1) + removal_key(snapshot(15))));
}

TEST_F(CopyVault, TellsThatTheOtherVaultsRecordIsDamaged) {
  const Manifest first = add_snapshot(1);
  add_snapshot(1);
  copy();
  remove_snapshot(other_, first);
  flip_a_bit(other_folder_.path() / folder_of(1) / removal_key(snapshot(15)));

  const CopySummary summary = copy();

  ASSERT_EQ(summary.outcomes.size(), 1U);
  EXPECT_THAT(summary.outcomes[0].problems, ElementsAre(HasSubstr("is not known")));
  EXPECT_EQ(snapshots_there(1), 2U);
}

TEST_F(CopyVault, ForgetsARemovedSnapshotThatTheOtherCatalogNames) {
  add_snapshot(1);
  copy();
  const Manifest second = add_snapshot(1);
  copy();
  remove_snapshot(other_, second);
  add_snapshot(1);

  EXPECT_TRUE(copy().is_good());

  expect_good_copy();
}

}  // namespace
}  // namespace hubkeep
