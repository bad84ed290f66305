#include "vault/vault.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "base/zstd.h"
#include "store/folder_store.h"
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
                .git = {}};
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
    const auto writer = vault.store().create(key);
    writer->write(bytes);
    EXPECT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
  }
  std::string get(Vault& vault, const std::string& key) {
    return vault.store().read_versioned(key, {}).bytes;
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
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::internal;
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

TEST_F(VaultTest, RefusesDataWithoutItsIdentity) {
  const auto vault = open();
  write_history(*vault);
  vault->store().remove("hubkeep.json");

  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::invalid);
  EXPECT_EQ(kind_of([&] { open(OpenMode::read); }), ErrorKind::invalid);
}

TEST_F(VaultTest, RefusesAChangedIdentity) {
  const auto vault = open();
  const std::string good = get(*vault, "hubkeep.json");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };

  put(*vault, "hubkeep.json", with(vault->id().substr(0, 4), "zzzz"));
  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::corrupt);
  put(*vault, "hubkeep.json", with("\"format\": 1", "\"format\": 2"));
  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::invalid);
  put(*vault, "hubkeep.json", "{");
  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::corrupt);
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
  const std::vector<CatalogSnapshot> known = {{snapshot(2), second, PartStatus::ok}};

  vault->write_manifest(kFolder, manifest(3, {{snapshot(2), second}}));
  const auto after_crash = find_newest_snapshots(*vault, kFolder, known, ignore_, {});
  vault->write_manifest(kFolder, manifest(4, {{snapshot(2), second}}));
  const auto after_race = find_newest_snapshots(*vault, kFolder, known, ignore_, {});
  const auto without_catalog = find_newest_snapshots(*vault, kFolder, {}, ignore_, {});

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
  const Notice notice = [this](const std::string& text) { notices_.push_back(text); };

  const auto found =
      find_newest_snapshots(*vault, kFolder, {{snapshot(5), fifth, PartStatus::ok}}, notice, {});

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].manifest.snapshot, snapshot(1));
  EXPECT_FALSE(notices_.empty());
}

TEST_F(VaultTest, ARunReportIsALineForEachThing) {
  const auto vault = open();
  RunReport report;
  report.add({{"repository", "acme/\xff"}});
  report.add({{"done", 1}});

  EXPECT_TRUE(report.commit(vault->store(), run_report_key(snapshot(1))));

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

}  // namespace
}  // namespace hubkeep
