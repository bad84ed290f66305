#include "verify/verify_vault.h"

#include <gmock/gmock.h>

#include "vault/losses.h"
#include "verify/verify_fixture.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class VerifyVault : public VerifyTest {
 protected:
  VerifySummary verify(std::vector<std::string> names = {}, DataSubset::Kind read = DataSubset::Kind::none) {
    return verify_vault(vault_, {.repositories = std::move(names), .read = {.kind = read}, .jobs = 3},
                        observer_, {});
  }
  static std::vector<std::string> names_of(const VerifySummary& summary) {
    std::vector<std::string> names;
    for (const Verdict& verdict : summary.verdicts) names.push_back(verdict.repository);
    return names;
  }
};

TEST_F(VerifyVault, LooksAtEveryRepository) {
  for (int id = 1; id <= 5; ++id) add_snapshot(id);

  const VerifySummary summary = verify();

  EXPECT_TRUE(summary.is_good());
  EXPECT_THAT(names_of(summary),
              UnorderedElementsAre("acme/site1", "acme/site2", "acme/site3", "acme/site4", "acme/site5"));
  EXPECT_EQ(observer_.selected_count, 5U);
  EXPECT_EQ(observer_.finished_count, 5U);
}

TEST_F(VerifyVault, LooksAtSubjectsOfAllKinds) {
  const SubjectId ids[] = {7, SubjectId::gist("7"), SubjectId::gist("aa5a"), SubjectId::account(7)};
  std::map<SubjectId, std::filesystem::path> bundles;
  for (const SubjectId& id : ids) bundles[id] = bundle_file(add_snapshot(id));
  const VerifySummary whole = verify({}, DataSubset::Kind::all);

  for (const SubjectId& id : ids) {
    flip_a_bit(bundles[id]);
    for (const bool is_in_catalog : {true, false}) {
      if (!is_in_catalog) std::filesystem::remove(file(std::string(kCatalogKey)));
      const VerifySummary summary = verify({}, DataSubset::Kind::all);
      for (const Verdict& verdict : summary.verdicts)
        EXPECT_EQ(verdict.damages.size(), verdict.id == id ? 1U : 0U) << verdict.id.str();
    }
    flip_a_bit(bundles[id]);
    vault_.replace_catalog([](const std::string&) {}, {});
  }

  EXPECT_TRUE(whole.is_good());
  EXPECT_THAT(names_of(whole), UnorderedElementsAre("acme/site7", "octocat/7", "octocat/aa5a", "octocat/7"));
  EXPECT_THAT(whole.others, IsEmpty());
}

TEST_F(VerifyVault, ReadsAndCountsWhatRepositoriesShareOnce) {
  const std::string content(5000, 'x');
  for (const int id : {1, 2}) add_snapshot_with_lfs(id, content);
  const auto run = [&] {
    Vault vault(std::make_unique<MeetingStore>(
                    std::make_shared<FolderStore>(folder_.path().string(), OpenMode::read)),
                OpenMode::read, clock_);
    return verify_vault(vault, {.read = {.kind = DataSubset::Kind::all}, .jobs = 2}, observer_, {});
  };
  const VerifySummary whole = run();
  const ByteCount read = observer_.read_bytes;
  flip_a_bit(file(lfs_key(content)));
  const VerifySummary damaged = run();

  EXPECT_TRUE(whole.is_good());
  Verdict sum;
  for (const Verdict& verdict : whole.verdicts) {
    EXPECT_GE(verdict.bytes, content.size()) << "what a repository has is said of each";
    sum.bytes += verdict.bytes - verdict.shared_bytes;
    sum.shared_objects += verdict.shared_objects;
    sum.bytes_read += verdict.bytes_read;
  }
  EXPECT_EQ(sum.shared_objects, 1U);
  EXPECT_EQ(sum.bytes_read, sum.bytes);
  EXPECT_EQ(read, sum.bytes);
  EXPECT_FALSE(damaged.is_good());
  for (const Verdict& verdict : damaged.verdicts)
    EXPECT_THAT(verdict.damages, ElementsAre(testing::Field(&Damage::key, lfs_key(content))));
}

TEST_F(VerifyVault, NoticesTheManifestOfASubjectOfAnotherKind) {
  Manifest manifest = add_snapshot(7);
  vault_.write_manifest("gists/github.com/octocat/7/", manifest);

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  for (const Verdict& verdict : summary.verdicts) {
    if (verdict.is_good()) continue;
    ASSERT_EQ(verdict.damages.size(), 1U);
    EXPECT_EQ(verdict.damages[0].detail, "is the manifest of another repository, acme/site7 with id 7");
  }
}

class VerifyState : public VerifyVault {
 protected:
  void update(const std::function<void(HostState&)>& change) {
    vault_.update_state("github.com", change, clock_, {});
  }
  /// "key: detail", of what nobody has accepted.
  std::vector<std::string> told(std::vector<std::string> names = {}) {
    const VerifySummary summary = verify(std::move(names), DataSubset::Kind::all);
    std::vector<std::string> lines;
    const auto add = [&](const std::vector<Damage>& damages) {
      for (const Damage& damage : damages)
        if (!damage.accepted) lines.push_back(damage.key + ": " + damage.detail);
    };
    for (const Verdict& verdict : summary.verdicts) add(verdict.damages);
    for (const StateVerdict& verdict : summary.states) add(verdict.damages);
    EXPECT_EQ(summary.is_good(), lines.empty() && !summary.catalog);
    return lines;
  }
  void rebuild() {
    vault_.replace_catalog([](const std::string&) {}, {});
  }
  const std::string key_ = "state/github.com.jsonl.zst";
};

TEST_F(VerifyState, ThatIsMissingIsMissedByManifestsThatNameTheirVault) {
  add_snapshot(1);
  EXPECT_THAT(told(), IsEmpty());
  std::filesystem::remove(file(key_));

  EXPECT_THAT(told(), ElementsAre(key_ + ": is missing"));
  EXPECT_THAT(told({"acme/site1"}), ElementsAre(key_ + ": is missing"));

  std::ofstream(file(key_)) << "damaged";
  EXPECT_THAT(told(), ElementsAre(key_ + ": is damaged: state: its bytes are not those that were written"));
}

TEST_F(VerifyState, NamesSnapshotsThatNothingElseNames) {
  const Manifest first = add_snapshot(1);
  const Manifest second = add_snapshot(1);
  const Manifest other = add_snapshot(2);
  update([&](HostState& state) { remember_snapshots(state, *vault_.read_catalog({})); });
  std::filesystem::remove(manifest_file(second));
  std::filesystem::remove_all(file(folder_of(2)));
  std::filesystem::remove(file("catalog.jsonl.zst"));
  rebuild();

  EXPECT_THAT(told(), UnorderedElementsAre(folder_of(1) + manifest_key(second.snapshot) + ": is missing",
                                           folder_of(2) + manifest_key(other.snapshot) + ": is missing"));
  EXPECT_THAT(told({"acme/site2"}),
              ElementsAre(folder_of(2) + manifest_key(other.snapshot) + ": is missing"));
}

TEST_F(VerifyState, TellsOfLossesUntilTheyAreAcceptedOrBack) {
  const Manifest manifest = add_snapshot(1);
  const ObjectRecord refs = git_part(manifest.parts).refs.front();
  const auto lose = [&](Loss loss) {
    update([&](HostState& state) { state.repositories[1].losses = {std::move(loss)}; });
  };
  const std::string orphan = folder_of(1) + "git/orphan.bundle";

  lose({.key = orphan, .detail = "is missing"});
  EXPECT_THAT(told(), ElementsAre(orphan + ": is missing"));
  lose({.key = orphan, .detail = "is missing", .accepted_at = clock_.now()});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(verify().verdicts.front().damages.size(), 1U) << "known to be lost";
  lose({.key = folder_of(1) + refs.key, .detail = "is missing", .size = refs.size, .sha256 = refs.sha256});
  EXPECT_THAT(told(), IsEmpty()) << "it is back";
  lose({.key = folder_of(1) + refs.key, .detail = "differs", .sha256 = std::string(64, '0')});
  EXPECT_THAT(told(), ElementsAre(folder_of(1) + refs.key + ": differs"));
}

TEST_F(VerifyState, WhatRunsAlarmOfIsNotAccepted) {
  const Manifest manifest = add_snapshot(1);
  const std::string key = git_part(manifest.parts).bundles.front().record.key;
  std::filesystem::remove(bundle_file(manifest));
  Manifest repaired = next_manifest(1);
  set_git_part(repaired.parts, {});
  repaired.lost = {key};
  commit(repaired);
  EXPECT_THAT(told(), IsEmpty());

  update([&](HostState& state) {
    state.repositories[1].losses = {{.key = folder_of(1) + key, .detail = "is missing"}};
  });
  EXPECT_THAT(told(), ElementsAre(folder_of(1) + key + ": is missing"));
}

TEST_F(VerifyVault, LooksAtThoseThatAreNamedEachOnce) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);

  EXPECT_THAT(names_of(verify({"acme/site3", "ACME/site1", "acme/site3@3"})),
              UnorderedElementsAre("acme/site1", "acme/site3"));
  EXPECT_THROW(verify({"acme/none"}), Error);
}

TEST_F(VerifyVault, OneFindingLeavesTheOthersGood) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);
  std::filesystem::remove(bundle_file(newest_.at(2).manifest));

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  for (const Verdict& verdict : summary.verdicts) EXPECT_EQ(verdict.is_good(), verdict.id != 2);
}

TEST_F(VerifyVault, ALostCatalogIsDamageAndHidesNothing) {
  for (int id = 1; id <= 2; ++id) add_snapshot(id);
  std::filesystem::remove(file("catalog.jsonl.zst"));

  const VerifySummary all = verify();
  const VerifySummary one = verify({"acme/site2"});

  EXPECT_FALSE(all.is_good());
  EXPECT_THAT(all.catalog.value(), HasSubstr("missing"));
  EXPECT_THAT(names_of(all), UnorderedElementsAre("acme/site1", "acme/site2"));
  EXPECT_THAT(names_of(one), UnorderedElementsAre("acme/site2"));
  EXPECT_FALSE(one.is_good());
}

TEST_F(VerifyVault, ADamagedCatalogIsDamage) {
  add_snapshot(1);
  flip_a_bit(file("catalog.jsonl.zst"));

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.catalog.value(), HasSubstr("damaged"));
}

TEST_F(VerifyVault, LooksAtFoldersThatTheCatalogDoesNotKnow) {
  add_snapshot(1);
  const Manifest unknown = next_manifest(2);
  vault_.write_manifest(folder_of(2), unknown);

  EXPECT_THAT(names_of(verify()), UnorderedElementsAre("acme/site1", "acme/site2"));
}

TEST_F(VerifyVault, AnEmptyVaultIsNoBackup) {
  EXPECT_FALSE(verify().is_good());
}

TEST_F(VerifyVault, WhatIsNotLookedAtIsNotGood) {
  add_snapshot(1);
  std::stop_source stop;
  stop.request_stop();

  VerifySummary summary;
  try {
    summary = verify_vault(vault_, {.jobs = 1}, observer_, stop.get_token());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    return;
  }

  EXPECT_TRUE(summary.stopped);
  EXPECT_FALSE(summary.is_good());
}

/// Asks to stop at each repository's end, or else at what is read of a zip.
class SlicingObserver final : public VerifyObserver {
 public:
  void selected(std::size_t repositories) override { only_zips_ = repositories == 0; }
  void moved(ByteCount) override {
    if (only_zips_ || stops_in_repositories) stop.request_stop();
  }
  void finished(const Verdict&) override { stop.request_stop(); }
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string&) override {}
  void made_vault(const std::string&, const std::string&) override {}

  std::stop_source stop;
  bool stops_in_repositories = false;

 private:
  bool only_zips_ = false;
};

class VerifyVaultInSlices : public VerifyVault {
 protected:
  VerifySummary slice(const VerifyOptions& options, bool stops_in_repositories = false) {
    SlicingObserver observer;
    observer.stops_in_repositories = stops_in_repositories;
    return verify_vault(vault_, options, observer, observer.stop.get_token());
  }
  static VerifyOptions reading(std::string after, bool passes_first = false) {
    return {.after = std::move(after), .passes_first = passes_first, .read = {.kind = DataSubset::Kind::all}};
  }
};

TEST_F(VerifyVaultInSlices, LooksAtEachRepositoryAndZipOnce) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);
  for (const char* day : {"2026-11-01", "2026-11-02"})
    for (const int id : {1, 2}) add_zip(day, id);
  flip_a_bit(zip_file("2026-11-01", 2));
  std::string place;
  std::size_t repositories = 0;
  std::size_t zips = 0;
  std::size_t damaged = 0;

  for (int slices = 1; slices < 10; ++slices) {
    const VerifySummary summary = slice(reading(place));
    repositories += summary.verdicts.size();
    zips += summary.zips.zips;
    damaged += summary.zips.damages.size();
    if (!summary.stopped) break;
    EXPECT_GT(summary.verified_up_to, place);
    place = summary.verified_up_to;
  }

  EXPECT_EQ(repositories, 3U);
  EXPECT_EQ(zips, 4U);
  EXPECT_EQ(damaged, 1U);
}

TEST_F(VerifyVaultInSlices, GoesOnAmongThoseThatAreNamed) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);
  add_zip("2026-11-01", 1);
  const VerifyOptions first{.repositories = {"acme/site3", "acme/site1"}};

  const VerifySummary begun = slice(first);
  VerifyOptions second = first;
  second.after = begun.verified_up_to;
  const VerifySummary rest = slice(second);
  VerifyOptions third = first;
  third.after = rest.verified_up_to;
  const VerifySummary zips = slice(third);

  EXPECT_THAT(names_of(begun), UnorderedElementsAre("acme/site1"));
  EXPECT_THAT(names_of(rest), UnorderedElementsAre("acme/site3"));
  EXPECT_THAT(names_of(zips), UnorderedElementsAre());
  EXPECT_EQ(zips.zips.zips, 1U);
  EXPECT_FALSE(zips.stopped);
}

TEST_F(VerifyVaultInSlices, PassesARepositoryThatTakesTooLong) {
  add_snapshot(1);
  add_snapshot(1);
  add_snapshot(2);

  const VerifySummary again = slice(reading(""), true);
  const VerifySummary passed = slice(reading("", true), true);

  EXPECT_EQ(again.verified_up_to, "");
  EXPECT_EQ(passed.verified_up_to, folder_of(1));
  ASSERT_THAT(names_of(passed), UnorderedElementsAre("acme/site1"));
  EXPECT_EQ(passed.verdicts.front().error->kind(), ErrorKind::transient);
}

TEST_F(VerifyVaultInSlices, PassesAZipThatTakesTooLong) {
  constexpr std::size_t kSeveralReads = std::size_t{8} << 20;
  add_zip("2026-11-01", 1, kSeveralReads);
  const std::string key = zip_key("2026-11-01", "acme", "site1", std::string(40, 'a'));

  const VerifySummary again = slice(reading("repos/z/"));
  const VerifySummary passed = slice(reading("repos/z/", true));

  EXPECT_EQ(again.verified_up_to, "repos/z/");
  EXPECT_EQ(passed.verified_up_to, key);
  EXPECT_THAT(passed.zips.error.value().message(), HasSubstr(key));
}

}  // namespace
}  // namespace hubkeep
