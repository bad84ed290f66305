// A vault with a snapshot that was removed and written down as removed: every command takes it for that.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "e2e/end_to_end.h"
#include "store/folder/folder_store.h"
#include "vault/git_part.h"
#include "vault/removals.h"
#include "vault/sealed_lines.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRun = "20300101T000000Z-00000a";

class RemovedSnapshot : public EndToEnd {
 protected:
  RemovedSnapshot() {
    site_ = add_filled("site");
    for (const char* content : {"second", "third", "fourth"}) {
      save();
      push_file(site_, content);
    }
    save();
    all_ = snapshots_of(folder_of(site_));
  }
  void save() {
    EXPECT_EQ(backup().exit_code, 0);
    states_.push_back(state_of(path_of(site_)));
  }

  // The second of the four, as a run does that removes it, up to its end or to a kill before the manifest
  // goes.
  void record() {
    Vault vault = open(this->vault());
    const StoredManifest stored = vault.read_manifest(folder(), id(1), {}, {});
    write_removed(vault, folder(),
                  {.run = *SnapshotId::parse(kRun),
                   .program = "hubkeep 0.1.0",
                   .snapshots = {{.snapshot = id(1),
                                  .sha256 = stored.sha256,
                                  .previous = stored.manifest.previous,
                                  .reason = "one a week is kept",
                                  .removed_at = *parse_time("2030-01-01T00:00:00Z")}}});
  }
  void remove() {
    record();
    fs::remove(vault() / folder() / manifest_key(id(1)));
    // Its refs are needed by no other.
    fs::remove(vault() / folder() / "git" / (all_[1] + ".refs.zst"));
  }
  Vault open(const fs::path& where) {
    return {std::make_unique<FolderStore>(where.string(), OpenMode::write), OpenMode::write, clock_};
  }
  std::string folder() const { return folder_of(site_).lexically_relative(vault()).string() + "/"; }
  SnapshotId id(std::size_t number) const { return *SnapshotId::parse(all_.at(number)); }
  fs::path record_file() const { return vault() / folder() / removal_key(*SnapshotId::parse(kRun)); }
  fs::path other() const { return scratch_ / "other"; }

  std::vector<SnapshotId> newest_in_catalog() {
    std::vector<SnapshotId> ids;
    const Catalog catalog = open(vault()).read_catalog({}).value();
    for (const auto& [key, entry] : catalog)
      for (const CatalogSnapshot& newest : entry.newest) ids.push_back(newest.snapshot);
    return ids;
  }
  sim::RunResult verify(const fs::path& where, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--read-data", "--from", where.string()});
    return hubkeep(std::move(arguments));
  }
  sim::RunResult copy(const fs::path& from, const fs::path& to) {
    return hubkeep({"copy", from.string(), to.string()});
  }
  void expect_remaining_restore(const fs::path& where) {
    for (const std::size_t number : {0U, 2U, 3U}) {
      const auto to = scratch_ / ("restored-" + std::to_string(++restored_));
      const auto result = hubkeep(
          {"restore", "octo/site", to.string(), "--bare", "--at", all_[number], "--from", where.string()});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(state_of(to), states_[number]) << number;
    }
  }
  std::map<std::string, std::string> content_of_vault() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(vault())) {
      if (!file.is_regular_file()) continue;
      std::ifstream stream(file.path(), std::ios::binary);
      files[file.path().string()] = {std::istreambuf_iterator<char>(stream), {}};
    }
    return files;
  }

  SystemClock clock_;
  sim::RepositoryId site_ = 0;
  std::vector<std::string> all_;
  std::vector<std::string> states_;
};

TEST_F(RemovedSnapshot, IsMissedByNobody) {
  remove();

  const auto verified = verify(vault());
  const auto proved = verify(vault(), {"--restore"});
  const auto made_again = verify(vault(), {"--deep"});
  const auto rebuilt = hubkeep({"rebuild-catalog", "--from", vault().string()});
  const auto wanted = hubkeep(
      {"restore", "octo/site", (scratch_ / "none").string(), "--at", all_[1], "--from", vault().string()});

  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out + verified.err,
              AllOf(HasSubstr("3 snapshots"), Not(HasSubstr("named by nothing"))));
  EXPECT_EQ(proved.exit_code, 0) << proved.out << proved.err;
  EXPECT_EQ(made_again.exit_code, 0) << made_again.out << made_again.err;
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
  EXPECT_THAT(newest_in_catalog(), ElementsAre(id(3)));
  expect_remaining_restore(vault());
  EXPECT_EQ(state_of(restore_by_readme(folder_of(site_), all_[2])), states_[2]);
  EXPECT_NE(wanted.exit_code, 0);
  EXPECT_THAT(wanted.err, HasSubstr("was removed at 2030-01-01T00:00:00Z: one a week is kept"));
}

TEST_F(RemovedSnapshot, IsNothingThatABackupStumblesOver) {
  remove();
  push_file(site_, "fifth");

  const auto saved = backup();

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_THAT(saved.err, HasSubstr("octo/site: saved (the listing differs), 3 objects"));
  const auto last = open(vault()).read_manifest(
      folder(), *SnapshotId::parse(snapshots_of(folder_of(site_)).back()), {}, {});
  ASSERT_EQ(last.manifest.previous.size(), 1U);
  EXPECT_EQ(last.manifest.previous[0].snapshot, id(3));
  EXPECT_EQ(git_part(last.manifest.parts).bundles.size(), 5U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
  EXPECT_EQ(verify(vault()).exit_code, 0);
}

TEST_F(RemovedSnapshot, MayHaveBeenTheNewestThatTheCatalogNames) {
  Vault vault = open(this->vault());
  const StoredManifest stored = vault.read_manifest(folder(), id(3), {}, {});
  write_removed(vault, folder(),
                {.run = *SnapshotId::parse(kRun),
                 .program = "hubkeep 0.1.0",
                 .snapshots = {{.snapshot = id(3),
                                .sha256 = stored.sha256,
                                .previous = stored.manifest.previous,
                                .reason = "asked for",
                                .removed_at = *parse_time("2030-01-01T00:00:00Z")}}});
  fs::remove(this->vault() / folder() / manifest_key(id(3)));

  EXPECT_EQ(verify(this->vault()).exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), states_[2]);
  EXPECT_EQ(backup().exit_code, 0);  // unchanged on GitHub
  push_file(site_, "fifth");
  const auto saved = backup();

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_EQ(newest_in_catalog().size(), 1U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
  EXPECT_EQ(verify(this->vault()).exit_code, 0);
}

TEST_F(RemovedSnapshot, IsNotBroughtToANewCopy) {
  remove();

  const auto copied = copy(vault(), other());
  const auto again = copy(vault(), other());

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_THAT(copied.out, HasSubstr("3 snapshots"));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(snapshots_of(other() / folder()), ElementsAre(all_[0], all_[2], all_[3]));
  EXPECT_TRUE(fs::exists(other() / folder() / removal_key(*SnapshotId::parse(kRun))));
  EXPECT_EQ(verify(other()).exit_code, 0);
  expect_remaining_restore(other());
}

TEST_F(RemovedSnapshot, StaysInACopyThatHasItAndIsNotBroughtBackFromThere) {
  copy(vault(), other());
  remove();

  const auto there = copy(vault(), other());
  const auto back = copy(other(), vault());

  EXPECT_EQ(there.exit_code, 0) << there.err;
  EXPECT_THAT(snapshots_of(other() / folder()), Contains(all_[1]));
  EXPECT_TRUE(fs::exists(other() / folder() / removal_key(*SnapshotId::parse(kRun))));
  EXPECT_EQ(verify(other()).exit_code, 0);
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(snapshots_of(folder_of(site_)), Not(Contains(all_[1])));
  EXPECT_EQ(verify(vault()).exit_code, 0);
}

TEST_F(RemovedSnapshot, CountsAsThereWhileItIs) {
  record();

  const auto verified = verify(vault());
  const auto listed = hubkeep({"list", "octo/site", "--from", vault().string()});

  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out + verified.err, HasSubstr("4 snapshots"));
  EXPECT_THAT(listed.out, HasSubstr(all_[1]));
  EXPECT_EQ(state_of(restore("octo/site", all_[1])), states_[1]);
}

TEST_F(RemovedSnapshot, WithADamagedRecordIsDamageUntilARepair) {
  remove();
  std::fstream stream(record_file(), std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(20);
  const int byte = stream.get();
  stream.seekp(20);
  stream.put(static_cast<char>(byte ^ 1));
  stream.close();

  const auto verified = verify(vault());

  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.out + verified.err,
              AllOf(HasSubstr(removal_key(*SnapshotId::parse(kRun)) + " is damaged"),
                    HasSubstr(manifest_key(id(1)) + " is missing")));
  expect_remaining_restore(vault());
  const auto copied = copy(vault(), other());
  EXPECT_EQ(copied.exit_code, 3);
  EXPECT_THAT(copied.out + copied.err, HasSubstr("what a run has removed is left out"));
  std::ofstream(scratch_ / "findings") << verify(vault(), {"--json"}).out;
  const auto repaired = backup({"--repair", (scratch_ / "findings").string()});
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(verify(vault()).exit_code, 0);
}

TEST_F(RemovedSnapshot, WithoutItsRecordIsDamage) {
  remove();
  fs::remove(record_file());

  const auto verified = verify(vault());

  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.out + verified.err, HasSubstr(manifest_key(id(1)) + " is missing"));
}

TEST_F(RemovedSnapshot, RecordedByANewerVersionIsRefused) {
  remove();
  SealedLinesWriter lines("record");
  lines.add({{"format", 1}, {"features", {"folded"}}, {"program", "hubkeep 9.0"}, {"run", kRun}});
  std::ofstream(record_file(), std::ios::binary | std::ios::trunc) << lines.finish();
  const auto before = content_of_vault();

  for (const auto& command :
       std::vector<std::vector<std::string>>{{"verify", "--from", vault().string()},
                                             {"rebuild-catalog", "--from", vault().string()},
                                             {"copy", vault().string(), other().string()}}) {
    const auto result = hubkeep(command);
    EXPECT_NE(result.exit_code, 0) << command.front();
    EXPECT_THAT(result.out + result.err, HasSubstr("the feature \"folded\" was written by hubkeep 9.0"))
        << command.front();
  }

  EXPECT_EQ(content_of_vault(), before);
  EXPECT_FALSE(fs::exists(other() / folder() / kSnapshotsFolder));
}

}  // namespace
}  // namespace hubkeep
