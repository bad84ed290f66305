#include "vault/vault.h"
#include "vault/newest_snapshots.h"
#include "vault/stored_objects.h"

#include <gtest/gtest.h>

#include "base/error_of.h"
#include "base/scratch_folder.h"
#include "base/zstd.h"
#include "store/folder/folder_store.h"
#include "vault/git_part.h"
#include "vault/run_report.h"

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

constexpr auto kFolder = "repos/github.com/acme/site.42/";

SnapshotId snapshot(int day) {
  return *SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a");
}

Manifest manifest(int day, std::vector<PreviousSnapshot> previous, std::string name = "acme/site") {
  Manifest made{.snapshot = snapshot(day),
                .program = "test",
                .host = "github.com",
                .repository_id = 42,
                .node_id = "R_42",
                .listing = {},
                .gone_since = std::nullopt,
                .previous = std::move(previous),
                .requests = 0,
                .bytes_received = 0,
                .parts = {{"git", to_part({})}}};
  made.listing.full_name = std::move(name);
  made.listing.listed_at = made.snapshot.time();
  return made;
}

class VaultTest : public testing::Test {
 protected:
  std::unique_ptr<Vault> open(OpenMode mode = OpenMode::create) {
    return std::make_unique<Vault>(std::make_unique<FolderStore>(folder_.path().string(), mode), mode,
                                   clock_);
  }
  void put(Vault& vault, const std::string& key, std::string_view bytes) {
    overwrite_object(vault.objects(), key, std::string(bytes));
  }
  std::string get(Vault& vault, const std::string& key) {
    return vault.objects().read_if_there(key, {}).value_or("");
  }
  Catalog load(Vault& vault) {
    return vault.load_catalog([this](const std::string& text) { notices_.push_back(text); }, {});
  }
  // Two snapshots in a row, the second of them renamed.
  void write_history(Vault& vault) {
    const auto first = vault.write_manifest(kFolder, manifest(1, {}, "acme/old"));
    vault.write_manifest(kFolder, manifest(2, {{snapshot(1), first}}));
  }
  Notice ignore_ = [](const std::string&) {};

  ScratchFolder folder_;
  SystemClock clock_;
  std::vector<std::string> notices_;
};

ErrorKind kind_of(const std::function<void()>& action) {
  return error_of(action).kind();
}

TEST_F(VaultTest, KeepsItsIdentityAndAReadme) {
  const auto id = open()->id();

  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(open()->id(), id);
  EXPECT_EQ(open(OpenMode::read)->id(), id);
  EXPECT_TRUE(get(*open(), "README.txt").starts_with("This is a hubkeep vault"));
}

TEST_F(VaultTest, IsNotFoundInAFolderThatIsNone) {
  EXPECT_EQ(kind_of([&] { open(OpenMode::read); }), ErrorKind::not_found);
}

TEST_F(VaultTest, IsMadeInModeCreateAlone) {
  EXPECT_EQ(kind_of([&] { open(OpenMode::write); }), ErrorKind::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));

  EXPECT_TRUE(open()->is_new());
  EXPECT_FALSE(open()->is_new());
  EXPECT_FALSE(open(OpenMode::write)->is_new());
}

TEST_F(VaultTest, IsOneOfThoseThatAreDemanded) {
  const std::string id = open()->id();
  std::filesystem::remove(folder_.path() / "README.txt");
  const auto open_one_of = [&](std::vector<std::string> ids) {
    Vault(std::make_unique<FolderStore>(folder_.path().string(), OpenMode::write), OpenMode::write, clock_,
          {}, {.demand = {.ids = std::move(ids), .if_missing = ", but", .if_other = ", not that"}});
  };

  EXPECT_EQ(kind_of([&] { open_one_of({std::string(32, '0')}); }), ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "README.txt"));
  open_one_of({std::string(32, '0'), id});
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "README.txt"));
}

TEST_F(VaultTest, IsNotMadeAgainAsAnotherThanIsDemanded) {
  write_history(*open());
  std::filesystem::remove(folder_.path() / "hubkeep.json");
  Vault vault(std::make_unique<FolderStore>(folder_.path().string(), OpenMode::read), OpenMode::read, clock_,
              {}, {.demand = {.ids = {std::string(32, '0')}, .if_missing = "", .if_other = ", not that"}});

  EXPECT_EQ(kind_of([&] { vault.recover_identity(clock_, {}); }), ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "hubkeep.json"));
}

TEST_F(VaultTest, OpensForReadingAloneWithoutItsIdentity) {
  const auto vault = open();
  write_history(*vault);
  remove_object(vault->objects(), "hubkeep.json");

  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::corrupt);
  EXPECT_EQ(open(OpenMode::read)->identity_damage(), "hubkeep.json is missing");
  EXPECT_EQ(open(OpenMode::read)->list_snapshots(kFolder).size(), 2U);
}

TEST_F(VaultTest, OpensForReadingAloneWithADamagedIdentity) {
  const auto vault = open();
  write_history(*vault);
  const std::string good = get(*vault, "hubkeep.json");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };

  for (const std::string& text :
       {with(vault->id().substr(0, 4), "zzzz"), with("\"format\": 1", "\"format\": 2"), std::string("{")}) {
    put(*vault, "hubkeep.json", text);

    EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::corrupt);
    EXPECT_TRUE(open(OpenMode::read)->identity_damage()->starts_with("hubkeep.json is damaged: "));
    EXPECT_EQ(get(*vault, "hubkeep.json"), text);
  }
}

TEST_F(VaultTest, RefusesANewerFormatToAll) {
  const auto vault = open();
  write_history(*vault);
  put(*vault, "hubkeep.json", R"({"format": 2})");

  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::invalid);
  EXPECT_EQ(kind_of([&] { open(OpenMode::read); }), ErrorKind::invalid);
}

// Somebody's folder may have such names by chance.
TEST_F(VaultTest, DoesNotTakeAFolderForAVaultByItsNames) {
  const auto store = std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create);
  for (const char* key : {"repos/github.com/acme/site.1/README", "runs/today", "zip/2026-11-23/x.zip"}) {
    const auto writer = store->create(key);
    writer->write("mine");
    ASSERT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
  }

  EXPECT_EQ(kind_of([&] { open(OpenMode::read); }), ErrorKind::not_found);
  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::invalid);
  EXPECT_FALSE(store->find("hubkeep.json"));
  EXPECT_FALSE(store->find("README.txt"));
}

class RecoveredVaultTest : public VaultTest {
 protected:
  // What hubkeep.json says after it was lost.
  Identity recover(std::string* told = nullptr) {
    remove_object(open(OpenMode::read)->objects(), "hubkeep.json");
    const std::string text = open(OpenMode::read)->recover_identity(clock_, {});
    if (told != nullptr) *told = text;
    const auto vault = open();
    EXPECT_FALSE(vault->identity_damage());
    return parse_identity(get(*vault, "hubkeep.json"));
  }
  // As another vault's: a copy has such.
  void write_foreign_manifest(Vault& vault, std::int64_t id, const std::string& of) {
    Manifest foreign = manifest(1, {});
    foreign.vault = of;
    foreign.repository_id = id;
    put(vault, "repos/github.com/acme/other." + std::to_string(id) + "/" + manifest_key(foreign.snapshot),
        zstd_compress(format_manifest(foreign)));
  }
};

TEST_F(RecoveredVaultTest, IsTheSameByItsReadme) {
  const auto vault = open();
  write_history(*vault);
  write_foreign_manifest(*vault, 8, std::string(32, 'b'));
  write_foreign_manifest(*vault, 9, std::string(32, 'b'));
  const Identity before = parse_identity(get(*vault, "hubkeep.json"));
  std::string told;

  EXPECT_EQ(recover(&told), before);
  EXPECT_TRUE(told.ends_with("as README.txt has it")) << told;
}

TEST_F(RecoveredVaultTest, IsTheSameWhicheverByteWasFlipped) {
  const auto vault = open();
  write_history(*vault);
  const std::string good = get(*vault, "hubkeep.json");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 2);
    put(*vault, "hubkeep.json", flipped);
    const auto damaged = open(OpenMode::read);
    if (!damaged->identity_damage()) {
      EXPECT_EQ(damaged->id(), vault->id());  // white space became another
      continue;
    }

    damaged->recover_identity(clock_, {});

    EXPECT_EQ(get(*vault, "hubkeep.json"), good) << at;
  }
}

TEST_F(RecoveredVaultTest, HasTheIdOfItsManifestsAndTheTimeOfTheOldest) {
  const auto vault = open();
  write_history(*vault);
  put(*vault, "README.txt", "rm -rf /");

  EXPECT_EQ(recover(), (Identity{.vault = vault->id(), .created_at = snapshot(1).time()}));
  EXPECT_TRUE(get(*vault, "README.txt").starts_with("This is a hubkeep vault"));
}

// A copy's manifests name another.
TEST_F(RecoveredVaultTest, HasTheIdOfItsState) {
  const auto vault = open();
  write_foreign_manifest(*vault, 8, std::string(32, 'b'));
  remove_object(vault->objects(), "README.txt");
  put(*vault, state_key("another.example"), "damaged");
  vault->update_state("github.com", [](HostState&) {}, clock_, {});
  std::string told;

  EXPECT_EQ(recover(&told).vault, vault->id());
  EXPECT_TRUE(told.ends_with("as state/ has it")) << told;
}

TEST_F(RecoveredVaultTest, HasTheIdThatMostRepositoriesHave) {
  const auto vault = open();
  write_history(*vault);
  remove_object(vault->objects(), "README.txt");
  write_foreign_manifest(*vault, 8, std::string(32, 'b'));
  write_foreign_manifest(*vault, 9, std::string(32, 'b'));
  write_foreign_manifest(*vault, 10, "nonsense");

  EXPECT_EQ(recover().vault, std::string(32, 'b'));
}

TEST_F(RecoveredVaultTest, LooksAtOlderManifestsWhereTheNewestIsDamaged) {
  const auto vault = open();
  write_history(*vault);
  remove_object(vault->objects(), "README.txt");
  put(*vault, std::string(kFolder) + manifest_key(snapshot(2)), "damaged");

  EXPECT_EQ(recover().vault, vault->id());
}

TEST_F(RecoveredVaultTest, HasANewIdWhereNothingSaysTheOldOneAndSaysSo) {
  const auto vault = open();
  remove_object(vault->objects(), "README.txt");
  put(*vault, std::string(kFolder) + manifest_key(snapshot(1)),
      zstd_compress(format_manifest(manifest(1, {}))));
  std::string told;

  const Identity made = recover(&told);

  EXPECT_TRUE(is_vault_id(made.vault));
  EXPECT_NE(made.vault, vault->id());
  EXPECT_TRUE(told.ends_with("a new name: nothing that is left says the old one")) << told;
}

TEST_F(RecoveredVaultTest, IsMadeOnceWhereTwoMakeIt) {
  const auto vault = open();
  write_history(*vault);
  remove_object(vault->objects(), "hubkeep.json");
  const auto first = open(OpenMode::read);
  const auto second = open(OpenMode::read);
  first->recover_identity(clock_, {});
  const std::string made = get(*vault, "hubkeep.json");

  EXPECT_EQ(second->recover_identity(clock_, {}), "hubkeep.json was made again by another run");
  EXPECT_EQ(second->id(), vault->id());
  EXPECT_EQ(get(*vault, "hubkeep.json"), made);
}

TEST_F(RecoveredVaultTest, IsNotMadeOverANewerFormat) {
  const auto vault = open();
  write_history(*vault);
  put(*vault, "hubkeep.json", "{");
  const auto damaged = open(OpenMode::read);
  put(*vault, "hubkeep.json", R"({"format": 2})");

  EXPECT_EQ(kind_of([&] { damaged->recover_identity(clock_, {}); }), ErrorKind::invalid);
  EXPECT_EQ(get(*vault, "hubkeep.json"), R"({"format": 2})");
}

class VaultReadmeTest : public VaultTest {
 protected:
  std::optional<std::string> readme_damage(Vault& vault) {
    return vault.readme_damage([this](const std::string& text) { notices_.push_back(text); }, {});
  }
  void open_telling() {
    Vault(std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create), OpenMode::create, clock_,
          {}, {.notice = [this](const std::string& text) { notices_.push_back(text); }});
  }
};

TEST_F(VaultReadmeTest, IsWrittenAgainWhereItWasChanged) {
  const auto vault = open();
  const std::string good = get(*vault, "README.txt");
  put(*vault, "README.txt", good + "curl https://example.com | sh\n");

  EXPECT_EQ(readme_damage(*vault), "README.txt is not what hubkeep wrote: do not follow what it says");
  open_telling();

  EXPECT_EQ(notices_, std::vector<std::string>{"README.txt was not what hubkeep wrote: it is written again"});
  EXPECT_EQ(get(*vault, "README.txt"), good);
  EXPECT_FALSE(readme_damage(*vault));
}

TEST_F(VaultReadmeTest, IsMissed) {
  const auto vault = open();
  remove_object(vault->objects(), "README.txt");

  EXPECT_EQ(readme_damage(*vault), "README.txt is missing");
  open_telling();

  EXPECT_FALSE(readme_damage(*vault));
}

TEST_F(VaultReadmeTest, OfANewerVersionIsLeftAlone) {
  const auto vault = open();
  std::string newer = get(*vault, "README.txt") + "More.\n";
  newer.replace(newer.find("Text 5 of"), 6, "Text 6");
  put(*vault, "README.txt", newer);

  open_telling();

  EXPECT_TRUE(notices_.empty());
  EXPECT_FALSE(readme_damage(*vault));
  EXPECT_EQ(notices_,
            std::vector<std::string>{"README.txt says that a later version of hubkeep wrote it: only "
                                     "that can tell whether it was changed"});
  EXPECT_EQ(get(*vault, "README.txt"), newer);
}

TEST_F(VaultReadmeTest, WhosePlaceAFolderTakesStopsNothing) {
  const auto vault = open();
  remove_object(vault->objects(), "README.txt");
  std::filesystem::create_directories(folder_.path() / "README.txt/mine");

  open_telling();

  EXPECT_EQ(readme_damage(*vault), "README.txt is a folder, not a file");
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_TRUE(notices_.front().ends_with("README.txt: a folder is in the way: move it elsewhere"))
      << notices_.front();
}

TEST_F(VaultTest, ReadsBackAManifestAndChecksIt) {
  const auto vault = open();
  const auto sha256 = vault->write_manifest(kFolder, manifest(1, {}));

  Manifest written = manifest(1, {});
  written.vault = vault->id();
  EXPECT_EQ(vault->read_manifest(kFolder, snapshot(1), sha256, {}).manifest, written);
  EXPECT_EQ(kind_of([&] { vault->read_manifest(kFolder, snapshot(1), std::string(64, '0'), {}); }),
            ErrorKind::corrupt);
  EXPECT_EQ(kind_of([&] { vault->read_manifest(kFolder, snapshot(2), {}, {}); }), ErrorKind::not_found);
  put(*vault, std::string(kFolder) + manifest_key(snapshot(2)),
      zstd_compress(format_manifest(manifest(1, {}))));
  EXPECT_EQ(kind_of([&] { vault->read_manifest(kFolder, snapshot(2), {}, {}); }), ErrorKind::corrupt);
}

TEST_F(VaultTest, RebuildsACatalogThatIsMissingOrDamagedAndSaysSo) {
  const auto vault = open();
  EXPECT_TRUE(load(*vault).empty());
  EXPECT_TRUE(notices_.empty());
  write_history(*vault);

  const Catalog rebuilt = load(*vault);
  put(*vault, "catalog.jsonl.zst", "damaged");
  const Catalog again = load(*vault);

  ASSERT_EQ(rebuilt.size(), 1U);
  const CatalogEntry& entry = rebuilt.begin()->second;
  ASSERT_EQ(entry.newest.size(), 1U);
  EXPECT_EQ(entry.newest[0].snapshot, snapshot(2));
  EXPECT_EQ(entry.folder, kFolder);
  EXPECT_EQ(entry.previous_names, std::vector<std::string>{"acme/old"});
  EXPECT_EQ(again, rebuilt);
  ASSERT_EQ(notices_.size(), 2U);
  EXPECT_NE(notices_[0].find("missing"), std::string::npos);
  EXPECT_NE(notices_[1].find("damaged"), std::string::npos);
}

TEST_F(VaultTest, RebuildsTheCatalogOfSubjectsOfAllKinds) {
  const std::pair<SubjectId, std::string> subjects[] = {
      {42, kFolder},
      {SubjectId::gist("aa5a"), "gists/github.com/octocat/aa5a/"},
      {SubjectId::account(42), "accounts/github.com/acme.42/"}};
  const auto vault = open();
  for (const auto& [id, folder] : subjects) {
    Manifest made = manifest(1, {});
    made.repository_id = id;
    vault->write_manifest(folder, made);
  }
  vault->write_manifest("gists/github.com/octocat/bb5b/", manifest(2, {}));

  const Catalog rebuilt = load(*vault);

  ASSERT_EQ(rebuilt.size(), 3U);
  for (const auto& [id, folder] : subjects) EXPECT_EQ(rebuilt.at({"github.com", id}).folder, folder);
  EXPECT_EQ(parse_catalog(format_catalog(rebuilt)), rebuilt);
  ASSERT_EQ(notices_.size(), 2U);
  EXPECT_EQ(notices_[1],
            "gists/github.com/octocat/bb5b/ is left out: its newest snapshot is of the repository 42");
}

TEST_F(VaultTest, IsAVaultWithASubjectOfAnyKind) {
  for (const char* subject :
       {"repos/github.com/acme/site.42/", "gists/github.com/octocat/aa5a/", "accounts/github.com/acme.42/"}) {
    const ScratchFolder folder;
    const auto open_there = [&] {
      return std::make_unique<Vault>(std::make_unique<FolderStore>(folder.path().string(), OpenMode::create),
                                     OpenMode::create, clock_);
    };
    open_there()->write_manifest(subject, manifest(1, {}));
    std::filesystem::remove(folder.path() / "hubkeep.json");

    EXPECT_EQ(kind_of(open_there), ErrorKind::corrupt) << subject;
  }
}

TEST_F(VaultTest, ReadsNothingAgainThatItsFirstRunHasWritten) {
  const auto vault = open();
  load(*vault);
  const auto first = vault->write_manifest(kFolder, manifest(1, {}));
  const auto second = vault->write_manifest(kFolder, manifest(2, {{snapshot(1), first}}));
  for (const int day : {1, 2}) put(*vault, kFolder + manifest_key(snapshot(day)), "nobody reads this");

  vault->update_catalog({{.entry = entry_of(manifest(2, {}), second, kFolder),
                          .supersedes = {snapshot(1)},
                          .has_new_snapshot = true}},
                        [this](const std::string& text) { notices_.push_back(text); }, {});

  EXPECT_TRUE(notices_.empty());
  const Catalog catalog = load(*vault);
  ASSERT_EQ(catalog.size(), 1U);
  EXPECT_EQ(catalog.begin()->second.newest.front().sha256, second);
}

TEST_F(VaultTest, FindsWhatAnotherRunHasWrittenBesideItsFirst) {
  const auto vault = open();
  load(*vault);
  Manifest of_another = manifest(1, {});
  of_another.repository_id = 4711;
  vault->write_manifest("repos/github.com/acme/other.4711/", of_another);
  const auto first = vault->write_manifest(kFolder, manifest(1, {}));

  vault->update_catalog({{.entry = entry_of(manifest(1, {}), first, kFolder), .has_new_snapshot = true}},
                        ignore_, {});

  EXPECT_EQ(load(*vault).size(), 2U);
}

TEST_F(VaultTest, CatalogUpdatesOfTwoRunsBothCount) {
  const auto vault = open();
  const auto update = [&](std::int64_t id) {
    Manifest made = manifest(1, {});
    made.repository_id = id;
    const std::string folder = repository_folder("github.com", "acme", "site", id);
    return CatalogUpdate{.entry = entry_of(made, vault->write_manifest(folder, made), folder),
                         .supersedes = {},
                         .has_new_snapshot = true};
  };

  vault->update_catalog({update(1)}, ignore_, {});
  vault->update_catalog({update(2)}, ignore_, {});

  EXPECT_EQ(load(*vault).size(), 2U);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(VaultTest, FindsSnapshotsThatTheCatalogLacks) {
  const auto vault = open();
  const auto first = vault->write_manifest(kFolder, manifest(1, {}));
  const auto second = vault->write_manifest(kFolder, manifest(2, {{snapshot(1), first}}));
  const std::vector<CatalogSnapshot> known = {{snapshot(2), second, {{"git", PartStatus::ok}}}};

  vault->write_manifest(kFolder, manifest(3, {{snapshot(2), second}}));
  const auto after_crash = find_newest_snapshots(*vault, kFolder, known, {}).readable;
  vault->write_manifest(kFolder, manifest(4, {{snapshot(2), second}}));
  const auto after_race = find_newest_snapshots(*vault, kFolder, known, {}).readable;
  const auto without_catalog = find_newest_snapshots(*vault, kFolder, {}, {}).readable;

  ASSERT_EQ(after_crash.size(), 1U);
  EXPECT_EQ(after_crash[0].manifest.snapshot, snapshot(3));
  ASSERT_EQ(after_race.size(), 2U);
  EXPECT_EQ(after_race[0].manifest.snapshot, snapshot(4));
  EXPECT_EQ(without_catalog.size(), 2U);
}

TEST_F(VaultTest, GoesOnFromAnOlderSnapshotWhenTheNewestIsDamaged) {
  const auto vault = open();
  const auto first = vault->write_manifest(kFolder, manifest(1, {}));
  const auto fifth = vault->write_manifest(kFolder, manifest(5, {{snapshot(1), first}}));
  put(*vault, std::string(kFolder) + manifest_key(snapshot(5)), "damaged");

  const auto found =
      find_newest_snapshots(*vault, kFolder, {{snapshot(5), fifth, {{"git", PartStatus::ok}}}}, {});

  ASSERT_EQ(found.readable.size(), 1U);
  EXPECT_EQ(found.readable[0].manifest.snapshot, snapshot(1));
  ASSERT_EQ(found.damaged.size(), 1U);
  EXPECT_EQ(found.damaged[0].snapshot, snapshot(5));
  EXPECT_EQ(found.damaged[0].sha256, fifth);
  EXPECT_FALSE(found.damaged[0].is_named);
}

TEST_F(VaultTest, ASnapshotThatIsNotTheOneThatWasNamedIsDamaged) {
  const auto vault = open();
  const auto first = vault->write_manifest(kFolder, manifest(1, {}));
  const auto second = vault->write_manifest(kFolder, manifest(2, {{snapshot(1), std::string(64, '0')}}));

  const auto named_by_another = find_newest_snapshots(*vault, kFolder, {}, {});
  const auto named_by_the_catalog =
      find_newest_snapshots(*vault, kFolder, {{snapshot(2), first, {{"git", PartStatus::ok}}}}, {});

  ASSERT_EQ(named_by_another.readable.size(), 1U);
  EXPECT_EQ(named_by_another.readable[0].sha256, second);
  ASSERT_EQ(named_by_another.damaged.size(), 1U);
  EXPECT_EQ(named_by_another.damaged[0].snapshot, snapshot(1));
  EXPECT_TRUE(named_by_another.damaged[0].is_named);
  ASSERT_EQ(named_by_the_catalog.readable.size(), 1U);
  EXPECT_EQ(named_by_the_catalog.readable[0].manifest.snapshot, snapshot(1));
  EXPECT_FALSE(named_by_the_catalog.damaged.at(0).is_named);
}

TEST_F(VaultTest, ARunReportIsALineForEachThing) {
  const auto vault = open();
  RunReport report;
  report.add({{"repository", "acme/\xff"}});
  report.add({{"done", 1}});

  EXPECT_TRUE(report.commit(vault->objects(), run_report_key(snapshot(1))));

  EXPECT_EQ(zstd_decompress(get(*vault, "runs/" + snapshot(1).str() + ".jsonl.zst")),
            "{\"repository\":\"acme/\\ufffd\"}\n{\"done\":1}\n");
}

class VaultState : public VaultTest {
 protected:
  HostState begin(Vault& vault) { return vault.begin_state("github.com", load(vault), clock_, {}); }
  std::string only_loss(const HostState& state) {
    return state.losses.size() == 1 ? state.losses.front().key + " " + state.losses.front().detail : "";
  }
  const std::string key_ = "state/github.com.jsonl.zst";
};

TEST_F(VaultState, IsMadeBeforeAnythingElseAndThenRead) {
  const auto vault = open();
  EXPECT_FALSE(vault->read_state("github.com", {}).has_value());

  const HostState begun = begin(*vault);
  vault->update_state("github.com", [](HostState& state) { state.repositories[7].name = "a/b"; }, clock_, {});

  EXPECT_EQ(begun, (HostState{.host = "github.com", .vault = vault->id()}));
  EXPECT_EQ(begin(*vault).repositories.at(7).name, "a/b");
  EXPECT_TRUE(begin(*vault).losses.empty());
}

TEST_F(VaultState, SaysOfItselfThatItWasLostOrDamaged) {
  const auto vault = open();
  begin(*vault);
  write_history(*vault);

  std::filesystem::remove(folder_.path() / key_);
  EXPECT_EQ(only_loss(begin(*vault)), key_ + " is missing");
  EXPECT_EQ(only_loss(begin(*vault)), key_ + " is missing") << "and goes on saying it";

  put(*vault, key_, "damaged");
  EXPECT_EQ(only_loss(begin(*vault)), key_ + " state: its bytes are not those that were written");
  put(*vault, key_, format_state({.host = "example.com", .vault = vault->id()}));
  EXPECT_EQ(only_loss(begin(*vault)), key_ + " is the state of another host");
  put(*vault, key_, "damaged");
  const HostState updated = vault->update_state("github.com", [](HostState&) {}, clock_, {});
  EXPECT_EQ(updated.losses.size(), 1U);
  EXPECT_EQ(*vault->read_state("github.com", {}), updated);
}

TEST_F(VaultState, IsNotMissedInAVaultOfAVersionThatKeptNone) {
  const auto vault = open();
  write_history(*vault);
  Manifest old = manifest(2, {});
  put(*vault, kFolder + manifest_key(old.snapshot), zstd_compress(format_manifest(old)));

  EXPECT_TRUE(begin(*vault).losses.empty());
}

TEST_F(VaultState, IsMissedWhereTheNewestManifestsCannotTell) {
  const auto vault = open();
  begin(*vault);
  write_history(*vault);
  const Catalog catalog = load(*vault);
  std::filesystem::remove_all(folder_.path() / kFolder);
  std::filesystem::remove(folder_.path() / key_);

  const HostState state = vault->begin_state("github.com", catalog, clock_, {});

  EXPECT_EQ(only_loss(state), key_ + " is missing");
}

TEST_F(VaultState, KeepsWhatAnotherRunHasChangedMeanwhile) {
  const auto vault = open();
  begin(*vault);
  bool raced = false;

  vault->update_state("github.com",
                      [&](HostState& state) {
                        if (!std::exchange(raced, true))
                          open()->update_state("github.com",
                                               [](HostState& s) { s.repositories[1].name = "a/one"; }, clock_,
                                               {});
                        state.repositories[2].name = "a/two";
                      },
                      clock_, {});

  EXPECT_EQ(vault->read_state("github.com", {})->repositories.size(), 2U);
}

TEST_F(VaultTest, WritesNoManifestThatItWouldNotRead) {
  const auto vault = open();
  Manifest large = manifest(1, {});
  const auto with_lost_of = [&](std::size_t size) {
    large.lost = {std::string(size, 'k')};
    Manifest own = large;
    own.vault = vault->id();
    return format_manifest(own).size();
  };
  const std::size_t others = with_lost_of(0);
  const std::size_t longest = static_cast<std::size_t>(kMaxManifestSize) - others;

  ASSERT_EQ(with_lost_of(longest + 1), kMaxManifestSize + 1);
  const Error error = error_of([&] { vault->write_manifest(kFolder, large); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.message(),
            "the snapshot's manifest would have 8.0 MiB, and no more than 8.0 MiB of one are read");
  EXPECT_TRUE(vault->list_snapshots(kFolder).empty());
  ASSERT_EQ(with_lost_of(longest), kMaxManifestSize);
  const std::string sha256 = vault->write_manifest(kFolder, large);
  EXPECT_EQ(vault->read_manifest(kFolder, snapshot(1), sha256, {}).manifest.lost, large.lost);
}

}  // namespace
}  // namespace hubkeep
