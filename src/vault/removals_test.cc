#include "vault/removals.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "vault/loss_check.h"
#include "vault/losses.h"
#include "vault/manifest_walk.h"
#include "vault/newest_snapshots.h"
#include "vault/sealed_lines.h"
#include "vault/select_snapshot.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

const IsComplete kAny = [](const Parts&) { return true; };

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kFolder = "repos/github.com/acme/site.42/";

SnapshotId snapshot(int day) {
  return *SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a");
}

RemovedSnapshot removed(int day, std::vector<PreviousSnapshot> previous) {
  return {.snapshot = snapshot(day),
          .sha256 = std::string(64, 'a'),
          .previous = std::move(previous),
          .reason = "older than 30 days",
          .removed_at = snapshot(15).time()};
}

Removal sample() {
  return {.run = snapshot(15),
          .program = "hubkeep 0.1.0",
          .snapshots = {removed(1, {}), removed(2, {{snapshot(1), std::string(64, 'b')}})}};
}

std::optional<Error> error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// A record with this line in place of its first.
std::string with_head(const nlohmann::ordered_json& head) {
  SealedLinesWriter lines("record");
  lines.add(head);
  return lines.finish();
}

TEST(Removal, IsReadBackAsWritten) {
  EXPECT_EQ(parse_removal(format_removal(sample())), sample());
}

TEST(Removal, HasAKeyOfItsOwn) {
  EXPECT_EQ(removal_key(snapshot(15)), "removed/20261125T000000Z-00000a.jsonl.zst");
  EXPECT_EQ(run_of_removal(removal_key(snapshot(15))), snapshot(15));
  for (const char* key :
       {"removed/x.jsonl.zst", "removed/.jsonl.zst", "removed/", "",
        "snapshots/20261125T000000Z-00000a.jsonl.zst", "removed/20261125T000000Z-00000a.json.zst"})
    EXPECT_FALSE(run_of_removal(key)) << key;
}

TEST(Removal, IsDamagedByAnyBit) {
  const std::string stored = format_removal(sample());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    std::string damaged = stored;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const auto error = error_of([&] { parse_removal(damaged); });
    ASSERT_TRUE(error) << "byte " << i;
    EXPECT_EQ(error->kind(), ErrorKind::corrupt);
  }
  EXPECT_EQ(error_of([&] { parse_removal(stored.substr(0, stored.size() - 1)); })->kind(),
            ErrorKind::corrupt);
}

TEST(Removal, WithoutAHeadSaysNothing) {
  EXPECT_EQ(error_of([] { parse_removal(SealedLinesWriter("record").finish()); })->kind(),
            ErrorKind::corrupt);
  EXPECT_EQ(error_of([] { parse_removal(with_head({{"snapshot", snapshot(1).str()}})); })->kind(),
            ErrorKind::corrupt);
}

TEST(Removal, OfANewerVersionIsRefused) {
  nlohmann::ordered_json head = {
      {"format", 1}, {"features", {"folded"}}, {"program", "hubkeep 9.0"}, {"run", snapshot(15).str()}};
  const auto feature = error_of([&] { parse_removal(with_head(head)); });
  head["features"] = nlohmann::ordered_json::array();
  head["format"] = 2;
  const auto format = error_of([&] { parse_removal(with_head(head)); });

  ASSERT_TRUE(feature);
  EXPECT_EQ(feature->kind(), ErrorKind::invalid);
  EXPECT_THAT(feature->message(), HasSubstr("\"folded\" was written by hubkeep 9.0"));
  ASSERT_TRUE(format);
  EXPECT_EQ(format->kind(), ErrorKind::invalid);
  EXPECT_THAT(format->message(), HasSubstr("storage format 2 was written by hubkeep 9.0"));
}

// Four snapshots in a row.
class Removals4 : public testing::Test {
 protected:
  Removals4() {
    for (const int day : {1, 2, 3, 4}) add(day);
  }
  void add(int day) {
    Manifest made{.snapshot = snapshot(day), .program = "test", .host = "github.com", .repository_id = 42};
    made.listing.full_name = "acme/site";
    made.listing.listed_at = made.snapshot.time();
    if (day > 1) made.previous = {{snapshot(day - 1), written_.back()}};
    previous_.push_back(made.previous);
    written_.push_back(vault_.write_manifest(kFolder, made));
  }
  // As a run does that removes `days`, up to its end or, where the manifests stay, up to a kill.
  void record(const std::vector<int>& days, const SnapshotId& run = snapshot(15)) {
    Removal removal{.run = run, .program = "test"};
    for (const int day : days) {
      const auto index = static_cast<std::size_t>(day - 1);
      removal.snapshots.push_back({.snapshot = snapshot(day),
                                   .sha256 = written_[index],
                                   .previous = previous_[index],
                                   .reason = "older than 30 days",
                                   .removed_at = run.time()});
    }
    write_removed(vault_, kFolder, removal);
  }
  void remove(const std::vector<int>& days, const SnapshotId& run = snapshot(15)) {
    record(days, run);
    for (const int day : days) remove_manifest(day);
  }
  void remove_manifest(int day) { std::filesystem::remove(file(manifest_key(snapshot(day)))); }
  void damage_record() {
    std::fstream stream(file(removal_key(snapshot(15))), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(20);
    stream.put('\xff');
  }
  std::filesystem::path file(const std::string& key) const { return folder_.path() / kFolder / key; }

  CatalogEntry entry(const std::vector<int>& newest) const {
    CatalogEntry made{.host = "github.com", .id = 42, .folder = kFolder};
    made.listing.full_name = "acme/site";
    for (const int day : newest)
      made.newest.push_back(
          {snapshot(day), written_[static_cast<std::size_t>(day - 1)], {{"git", PartStatus::ok}}});
    return made;
  }
  std::vector<SnapshotId> newest_found(const std::vector<int>& known) {
    std::vector<SnapshotId> ids;
    found_ = find_newest_snapshots(vault_, kFolder, entry(known).newest, {});
    for (const StoredManifest& stored : found_.readable) ids.push_back(stored.manifest.snapshot);
    return ids;
  }
  std::vector<SnapshotId> newest_rebuilt() {
    std::vector<SnapshotId> ids;
    const Catalog catalog =
        rebuild_catalog(vault_, [this](const std::string& text) { notices_.push_back(text); }, {});
    for (const auto& known : catalog.at({"github.com", 42}).newest) ids.push_back(known.snapshot);
    return ids;
  }
  // "4 3 -2 1!": visited, removed, damaged.
  std::string walked(const CatalogEntry& from) {
    std::string text;
    const auto add = [&](const SnapshotId& id, std::string_view before, std::string_view after) {
      const auto day = id.time() - snapshot(0).time();
      text += fmt::format("{}{}{}{}", text.empty() ? "" : " ", before, day / std::chrono::hours(24), after);
    };
    snapshots_ =
        walk_manifests(vault_, from, read_removals(vault_, kFolder, {}),
                       {.visit = [&](const StoredManifest& stored) { add(stored.manifest.snapshot, "", ""); },
                        .damaged = [&](const SnapshotId& id, const Error&) { add(id, "", "!"); },
                        .removed = [&](const RemovedSnapshot& gone) { add(gone.snapshot, "-", ""); }},
                       {});
    return text;
  }

  ScratchFolder folder_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create), OpenMode::create,
               clock_};
  std::vector<std::string> written_;
  std::vector<std::vector<PreviousSnapshot>> previous_;
  NewestSnapshots found_;
  std::vector<std::string> notices_;
  std::size_t snapshots_ = 0;
};

TEST_F(Removals4, LeaveOneNewest) {
  remove({2});

  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(4)));
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_THAT(newest_found({4}), ElementsAre(snapshot(4)));
  EXPECT_THAT(newest_found({}), ElementsAre(snapshot(4)));
  EXPECT_THAT(found_.damaged, IsEmpty());
}

TEST_F(Removals4, HideNothingWhereTheyWereNewest) {
  remove({3, 4});

  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(2)));
  EXPECT_THAT(newest_found({}), ElementsAre(snapshot(2)));
}

TEST_F(Removals4, OfSeveralRunsAreOneHole) {
  remove({2}, snapshot(15));
  remove({3}, snapshot(16));

  EXPECT_EQ(walked(entry({4})), "4 -3 -2 1");
  EXPECT_EQ(snapshots_, 2U);
  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(4)));
}

TEST_F(Removals4, HoldASnapshotAgainstWhatARemovedOneSaidOfIt) {
  remove({2});
  std::filesystem::copy_file(file(manifest_key(snapshot(3))), file(manifest_key(snapshot(1))),
                             std::filesystem::copy_options::overwrite_existing);

  EXPECT_EQ(walked(entry({4})), "4 3 -2 1!");
}

TEST_F(Removals4, AreMissedByNobodyWhereTheCatalogNamesThem) {
  remove({4});

  EXPECT_THAT(newest_found({4}), ElementsAre(snapshot(3)));
  EXPECT_THAT(found_.damaged, IsEmpty());
  EXPECT_THAT(found_.removed, ElementsAre(snapshot(4)));
  EXPECT_EQ(walked(entry({4})), "-4 3 2 1");
}

TEST_F(Removals4, CountAsThereWhileTheirManifestIs) {
  record({2, 4});

  EXPECT_EQ(walked(entry({4})), "4 3 2 1");
  EXPECT_EQ(snapshots_, 4U);
  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(4)));
  EXPECT_THAT(newest_found({4}), ElementsAre(snapshot(4)));
  EXPECT_EQ(find_snapshot(vault_, entry({4}), snapshot(2).str(), kAny, {}, {}).manifest.snapshot,
            snapshot(2));
}

TEST_F(Removals4, WhoseManifestIsThereAndDamagedAreDamage) {
  record({2});
  std::filesystem::resize_file(file(manifest_key(snapshot(2))), 10);

  EXPECT_EQ(walked(entry({4})), "4 3 2! 1");
}

TEST_F(Removals4, AreNotThoseThatNobodyRecorded) {
  remove({3});
  remove_manifest(2);

  EXPECT_EQ(walked(entry({4})), "4 -3 2! 1");
  EXPECT_EQ(snapshots_, 3U);
}

TEST_F(Removals4, AreDamageWithoutTheirRecord) {
  remove({2});
  std::filesystem::remove(file(removal_key(snapshot(15))));

  EXPECT_EQ(walked(entry({4})), "4 3 2! 1");
  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(4), snapshot(1)));
}

TEST_F(Removals4, AreDamageWhenTheirRecordIsDamaged) {
  remove({2});
  damage_record();

  EXPECT_EQ(walked(entry({4})), "4 3 2! 1");
  EXPECT_THAT(newest_rebuilt(), ElementsAre(snapshot(4), snapshot(1)));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("what a run has removed is not known: " + std::string(kFolder) +
                                              removal_key(snapshot(15)))));
  newest_found({});
  ASSERT_EQ(found_.damaged_removals.size(), 1U);
  EXPECT_EQ(found_.damaged_removals[0].key, kFolder + removal_key(snapshot(15)));
}

TEST_F(Removals4, UnderTheNameOfAnotherRunAreDamage) {
  record({2});
  std::filesystem::rename(file(removal_key(snapshot(15))), file(removal_key(snapshot(16))));

  const Removals read = read_removals(vault_, kFolder, {});

  EXPECT_THAT(read.snapshots, IsEmpty());
  ASSERT_EQ(read.damaged.size(), 1U);
  EXPECT_THAT(read.damaged[0].error.message(), HasSubstr("is the record of another run"));
}

TEST_F(Removals4, OfANewerVersionRefuseToTell) {
  remove({2});
  overwrite_object(vault_.objects(), kFolder + removal_key(snapshot(16)),
                   with_head({{"format", 1}, {"features", {"x"}}, {"program", "hubkeep 9"}, {"run", "x"}}));

  EXPECT_EQ(error_of([&] { walked(entry({4})); })->kind(), ErrorKind::invalid);
  EXPECT_EQ(error_of([&] { newest_rebuilt(); })->kind(), ErrorKind::invalid);
  EXPECT_EQ(error_of([&] { newest_found({}); })->kind(), ErrorKind::invalid);
}

TEST_F(Removals4, AreNoLossAnyMore) {
  remove({2, 3});
  remove_manifest(1);
  const auto loss = [&](int day) {
    const Error error(ErrorKind::not_found, "");
    return loss_of_manifest(kFolder, snapshot(day), written_[static_cast<std::size_t>(day - 1)], error, {});
  };

  EXPECT_TRUE(is_back(vault_, loss(2), {}));
  EXPECT_FALSE(is_back(vault_, loss(1), {}));
}

TEST_F(Removals4, WhoseRecordWasLostAreBackWhenItCanBeRead) {
  record({2});
  const Loss loss{.key = kFolder + removal_key(snapshot(15)), .detail = "is damaged", .found_at = {}};

  EXPECT_TRUE(is_back(vault_, loss, {}));
  damage_record();
  EXPECT_FALSE(is_back(vault_, loss, {}));
  std::filesystem::remove(file(removal_key(snapshot(15))));
  EXPECT_FALSE(is_back(vault_, loss, {}));
}

TEST_F(Removals4, AreNotTakenForARestore) {
  remove({2, 4});
  const Notice note = [this](const std::string& text) { notices_.push_back(text); };
  const CatalogEntry known = entry({4});

  EXPECT_EQ(find_snapshot(vault_, known, "", kAny, note, {}).manifest.snapshot, snapshot(3));
  EXPECT_EQ(find_snapshot(vault_, known, "2026-11-12", kAny, note, {}).manifest.snapshot, snapshot(1));
  EXPECT_THAT(notices_, IsEmpty());
  const auto error = error_of([&] { find_snapshot(vault_, known, snapshot(2).str(), kAny, note, {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::not_found);
  EXPECT_THAT(error->message(), HasSubstr("was removed at 2026-11-25T00:00:00Z: older than 30 days"));
}

}  // namespace
}  // namespace hubkeep
