// Zips and what names them, lost or damaged in every way: verify says so, the repair that it advises mends
// them or says that they are gone for good, and then verify agrees.

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "e2e/bucket_vault.h"
#include "e2e/file_faults.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "store/folder/folder_store.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Objects = std::map<ObjectKey, std::string>;

const std::string kOldDay = "2025-01-01";
const std::vector<std::string> kDamages = {"deleted", "cut", "flipped"};
constexpr int kKilled = 128 + SIGKILL;

/// A vault with zips of two days, three repositories on each, in any place.
class ZipsAnywhere : public BucketVault {
 protected:
  virtual std::string place() const = 0;
  virtual std::unique_ptr<ObjectStore> store() = 0;
  virtual sim::Environment surroundings() const = 0;

  void fill(const std::vector<std::string>& more = {}) {
    more_ = more;
    for (const char* name : {"alpha", "beta", "site"})
      ids_.push_back(add_filled(name, static_cast<unsigned>(1 + ids_.size())));
    ASSERT_EQ(backup_zips().exit_code, 0);
    note_commits();
    move_to(kOldDay);
    for (const auto id : ids_) push_file(id, "second");
    const auto second = backup_zips();
    ASSERT_EQ(second.exit_code, 0) << second.err;
    note_commits();
    before_ = objects();
    ASSERT_THAT(zip_objects(), SizeIs(8));
    ASSERT_EQ(verify({"--read-data"}).exit_code, 0);
  }
  void note_commits() {
    for (const auto id : ids_) {
      heads_[id] = sim::git(path_of(id), {"rev-parse", "HEAD"});
      commits_.insert(heads_[id]);
    }
  }
  sim::RunResult backup_zips(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "--zip");
    return backup_here(std::move(arguments));
  }
  sim::RunResult backup_here(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", github_.api_url(), "--to", place()});
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    return hubkeep(std::move(arguments), surroundings());
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", place()});
    return hubkeep(std::move(arguments), surroundings());
  }
  /// What verify finds, kept for the repair.
  int find(std::vector<std::string> arguments = {"--read-data"}) {
    arguments.emplace_back("--json");
    const auto found = verify(std::move(arguments));
    std::ofstream(findings_, std::ios::trunc) << found.out;
    return found.exit_code;
  }
  sim::RunResult repair(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"--repair", findings_.string()});
    return backup_here(std::move(arguments));
  }

  Objects objects() {
    Objects all;
    const auto from = store();
    from->list("", "", [&](const ObjectInfo& object) {
      all[object.key];
      return true;
    });
    for (auto& [key, bytes] : all) {
      StringSink sink(ByteCount{1} << 30U);
      from->read(key, sink, {});
      bytes = sink.take();
    }
    return all;
  }
  std::vector<ObjectKey> zip_objects() const {
    std::vector<ObjectKey> keys;
    for (const auto& [key, bytes] : before_)
      if (key.starts_with("zip/")) keys.push_back(key);
    return keys;
  }
  void put(const ObjectKey& key, const std::string& bytes) {
    const auto to = store();
    to->remove(key);
    const auto writer = to->create(key);
    writer->write(bytes);
    ASSERT_EQ(writer->commit(Precondition::none()), CommitResult::committed);
  }
  void set_back() {
    const Objects now = objects();
    for (const auto& [key, bytes] : now)
      if (!before_.contains(key)) store()->remove(key);
    for (const auto& [key, bytes] : before_)
      if (!now.contains(key) || now.at(key) != bytes) put(key, bytes);
  }
  void damage(const ObjectKey& key, const std::string& how) {
    std::string bytes = before_.at(key);
    if (how == "deleted") return store()->remove(key);
    if (how == "cut") bytes.resize(bytes.size() / 2);
    if (how == "flipped") bytes.at(bytes.size() / 2) = static_cast<char>(bytes.at(bytes.size() / 2) ^ 4);
    put(key, bytes);
  }
  /// As if the zips of today had been made then, and the reports of runs had expired.
  void move_to(const std::string& day) {
    const Objects now = objects();
    for (const auto& [key, bytes] : now) {
      if (key.starts_with("runs/")) store()->remove(key);
      if (!key.starts_with("zip/")) continue;
      const std::string today(day_below_zip(key));
      const auto moved = [&](std::string text) { return text.replace(text.find(today), today.size(), day); };
      std::string content = bytes;
      if (key.ends_with(".json")) {
        ZipDay named = parse_zip_metadata(today, bytes);
        for (ZipRecord& record : named.zips) record.object.key = moved(record.object.key);
        content = format_zip_metadata(day, named);
      }
      put(moved(key), content);
      store()->remove(key);
    }
    ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", place()}, surroundings()).exit_code, 0);
  }

  std::vector<ZipRecord> named() {
    std::vector<ZipRecord> all;
    VaultObjects from(store());
    for (const std::string& day : list_zip_days(from))
      for (const ZipRecord& record : read_zip_metadata(from, day, {}).zips) all.push_back(record);
    return all;
  }
  /// Whole zips, as Python's zipfile reads them, by the commit that they say they are of.
  std::set<std::string> commits_of_named_zips() {
    std::set<std::string> commits;
    const Objects now = objects();
    for (const ZipRecord& record : named()) {
      if (record.is_lost) continue;
      const fs::path file = scratch_ / "some.zip";
      std::ofstream(file, std::ios::binary | std::ios::trunc) << now.at(record.object.key.substr(1));
      const auto comment =
          sim::run({"python3", "-c",
                    "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert not z.testzip(); "
                    "assert z.namelist(); print(z.comment.decode(), end='')",
                    file.string()},
                   {});
      EXPECT_EQ(comment.exit_code, 0) << record.object.key << comment.err;
      EXPECT_EQ(comment.out, record.commit) << record.object.key;
      commits.insert(comment.out);
    }
    return commits;
  }
  void expect_history_restores() {
    for (const auto id : ids_) {
      const std::string name = "octo/" + world_.find_repository(id).value().name;
      const fs::path folder = scratch_ / ("restored-" + std::to_string(++restored_));
      const auto result =
          hubkeep({"restore", name, folder.string(), "--bare", "--from", place()}, surroundings());
      ASSERT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(state_of(folder), state_of(path_of(id)));
    }
  }
  /// What was there and is not the damaged one is there as it was; what names zips and what a run changes
  /// apart.
  void expect_nothing_else_changed(const ObjectKey& damaged) {
    const Objects now = objects();
    for (const auto& [key, bytes] : before_) {
      if (key == damaged || key.ends_with("metadata.json") || key == "catalog.jsonl.zst" ||
          key.starts_with("state/"))
        continue;
      ASSERT_TRUE(now.contains(key)) << key;
      EXPECT_EQ(now.at(key), bytes) << key;
    }
  }

  /// Each damage of each object that has to do with zips, mended as verify advises.
  void damage_and_repair_each() { damage_and_repair(zip_objects(), kDamages); }
  void damage_and_repair(const std::vector<ObjectKey>& keys, const std::vector<std::string>& damages) {
    for (const ObjectKey& key : keys) {
      for (const std::string& how : damages) {
        SCOPED_TRACE(key + " " + how);
        set_back();
        damage(key, how);

        ASSERT_EQ(find(), 3);
        EXPECT_THAT(content_of_findings(), HasSubstr("\"" + key + "\""));
        const auto repaired = repair();
        const auto verified = verify({"--read-data"});

        EXPECT_EQ(repaired.exit_code, 0) << repaired.err << repaired.out;
        EXPECT_THAT(repaired.err, Not(HasSubstr("nothing to repair")));
        ASSERT_EQ(verified.exit_code, 0) << verified.out;
        EXPECT_EQ(commits_of_named_zips(), commits_);
        expect_nothing_else_changed(key);
      }
    }
    expect_history_restores();
    const auto next = backup_zips();
    EXPECT_EQ(next.exit_code, 0) << next.err;
    EXPECT_THAT(next.out, HasSubstr("0 saved, 3 unchanged"));
  }
  std::string content_of_findings() const {
    std::ifstream stream(findings_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  ObjectKey object_of(const std::string& day, sim::RepositoryId id) const {
    for (const ObjectKey& key : zip_objects())
      if (day_below_zip(key) == day && key.find("/" + name_of(id) + "-") != std::string::npos) return key;
    return {};
  }
  static std::string zipballs_of(sim::RepositoryId id) {
    return "/repositories/" + std::to_string(id) + "/zipball/";
  }
  std::string name_of(sim::RepositoryId id) const {
    static const std::vector<std::string> kNames = {"alpha", "beta", "site"};
    return kNames.at(static_cast<std::size_t>(std::find(ids_.begin(), ids_.end(), id) - ids_.begin()));
  }

  const fs::path findings_ = scratch_ / "findings.json";
  std::vector<std::string> more_;  // of each backup
  std::vector<sim::RepositoryId> ids_;
  std::map<sim::RepositoryId, std::string> heads_;
  std::set<std::string> commits_;
  Objects before_;
};

class ZipRepair : public ZipsAnywhere {
 protected:
  std::string place() const override { return vault().string(); }
  std::unique_ptr<ObjectStore> store() override {
    return std::make_unique<FolderStore>(place(), OpenMode::create);
  }
  sim::Environment surroundings() const override { return {{"TOKEN_GITHUB", token_}}; }
};

TEST_F(ZipRepair, MendsEachObjectHoweverItIsDamaged) {
  fill();

  damage_and_repair_each();
}

TEST_F(ZipRepair, MendsWhereZipsAreAllThatIsKept) {
  fill({"--zip", "--no-git"});
  const std::string today(day_below_zip(zip_objects().back()));
  damage(object_of(kOldDay, ids_[0]), "deleted");
  damage(zip_metadata_key(today), "deleted");

  ASSERT_EQ(find(), 3);
  const auto repaired = repair();
  const auto verified = verify({"--read-data"});

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(commits_of_named_zips(), commits_);
  EXPECT_FALSE(fs::exists(vault() / "repos"));
}

TEST_F(ZipRepair, SaysWhatGitHubDoesNotHaveAnyMoreAndCallsItKnownFromThenOn) {
  fill();
  const ObjectKey gone = object_of(kOldDay, ids_[0]);
  const ObjectKey rewritten = object_of(kOldDay, ids_[1]);
  damage(gone, "deleted");
  damage(rewritten, "flipped");
  world_.remove(ids_[0]);
  github_.faults().add({.path = zipballs_of(ids_[1])}, sim::Respond{.status = 404}, sim::Fault::kForever);

  ASSERT_EQ(find(), 3);
  const auto repaired = repair();
  const auto verified = verify({"--read-data"});
  find();
  const auto again = repair();
  const std::string copy = (scratch_ / "copy").string();
  const auto copied = hubkeep({"copy", place(), copy});
  const auto verified_copy = hubkeep({"verify", "--read-data", "--from", copy});

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_EQ(verified_copy.exit_code, 0) << verified_copy.out;
  EXPECT_THAT(verified_copy.out, HasSubstr(gone + " was lost before, and is known to be"));
  EXPECT_EQ(repaired.exit_code, 3);
  EXPECT_THAT(repaired.out,
              AllOf(HasSubstr(gone + " is lost: GitHub does not have octo/alpha any more, or hides it"),
                    HasSubstr(rewritten + " is lost: GitHub does not have commit "),
                    HasSubstr("From now on verify calls it known")));
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, AllOf(HasSubstr(gone + " was lost before, and is known to be"),
                                  HasSubstr(rewritten + " was lost before"), Not(HasSubstr("DAMAGED"))));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("nothing to repair"));
}

TEST_F(ZipRepair, BelievesInALossOnlyWhenItHearsItTwice) {
  fill();
  damage(object_of(kOldDay, ids_[1]), "deleted");
  ASSERT_EQ(find(), 3);
  github_.faults().add({.path = zipballs_of(ids_[1])}, sim::Respond{.status = 404});

  const auto repaired = repair();

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(commits_of_named_zips(), commits_);
}

TEST_F(ZipRepair, LeavesDamagedWhatMayComeLater) {
  fill();
  damage(object_of(kOldDay, ids_[1]), "deleted");
  ASSERT_EQ(find(), 3);
  github_.faults().add({.path = zipballs_of(ids_[1])}, sim::Respond{.status = 502}, sim::Fault::kForever);

  const auto failed = repair({"--retries", "0"});
  const auto others = repair({"--repo", "octo/site"});
  github_.faults().clear();

  EXPECT_THAT(failed.err, HasSubstr("octo/beta: failed: " + object_of(kOldDay, ids_[1])));
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_THAT(others.err, HasSubstr("none of the repositories that this run may fetch"));
  EXPECT_NE(others.exit_code, 0);
  EXPECT_EQ(verify().exit_code, 3);
  EXPECT_EQ(repair().exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(ZipRepair, OfAPrivateRepositoryWithoutATokenIsNoLoss) {
  fill();
  world_.edit(ids_[1], [](sim::Repository& repository) { repository.is_private = true; });
  push_file(ids_[1], "third");
  ASSERT_EQ(backup_zips().exit_code, 0);
  before_ = objects();
  const auto record = named().back();
  damage(resolve_key("", record.object.key), "deleted");
  for (const ZipRecord& each : named())
    if (each.is_private) {
      damage(resolve_key("", each.object.key), "deleted");
    }
  find();

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", place(), "--user", "octo",
                               "--repair", findings_.string()});

  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("without a token it cannot be seen"));
  EXPECT_THAT(result.out, Not(HasSubstr("is lost")));
}

TEST_F(ZipRepair, LeavesAloneWhatIsWholeByNow) {
  fill();
  const ObjectKey key = object_of(kOldDay, ids_[1]);
  damage(key, "deleted");
  ASSERT_EQ(find(), 3);
  put(key, before_.at(key));
  world_.remove(ids_[1]);

  const auto result = repair();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const ZipRecord& record : named()) EXPECT_FALSE(record.is_lost) << record.object.key;
}

TEST_F(ZipRepair, KnowsALossFromWhatHasExpired) {
  fill();
  for (const auto id : ids_) damage(object_of(kOldDay, id), "deleted");
  const auto expired = verify({"--read-data"});
  damage(zip_metadata_key(kOldDay), "deleted");
  const auto with_its_names = verify({"--read-data"});
  set_back();
  damage(zip_metadata_key(kOldDay), "deleted");
  damage(object_of(kOldDay, ids_[0]), "deleted");
  const auto lost = verify();

  EXPECT_EQ(expired.exit_code, 0) << expired.out;
  EXPECT_THAT(expired.out, HasSubstr("3 more have expired"));
  EXPECT_EQ(with_its_names.exit_code, 0) << with_its_names.out;
  EXPECT_EQ(lost.exit_code, 3) << lost.out;
}

TEST_F(ZipRepair, IsNeededWhereACopyMeetsADayWithoutNames) {
  fill();
  damage(zip_metadata_key(kOldDay), "deleted");

  const auto copied = hubkeep({"copy", place(), (scratch_ / "copy").string()});

  EXPECT_EQ(copied.exit_code, 3) << copied.out;
  EXPECT_THAT(copied.out, HasSubstr("the zips of " + kOldDay + " are left out: " + zip_metadata_key(kOldDay) +
                                    " is missing"));
}

TEST_F(ZipRepair, DoesNotKeepADayFromExpiring) {
  fill();
  damage(object_of(kOldDay, ids_[1]), "flipped");
  find();
  ASSERT_EQ(repair().exit_code, 0);
  for (const auto id : ids_) store()->remove(object_of(kOldDay, id));

  const auto verified = verify();

  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("all up to " + kOldDay));
}

TEST_F(ZipRepair, FindsNamesThatWereRolledBack) {
  fill();
  const std::string today(day_below_zip(zip_objects().back()));
  const ObjectKey key = zip_metadata_key(today);
  ZipDay older = parse_zip_metadata(today, before_.at(key));
  older.zips.pop_back();
  put(key, format_zip_metadata(today, older));

  const int found = find();
  const auto repaired = repair();

  EXPECT_EQ(found, 3);
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(github_.request_log().count_path("/zipball/"), 6U);  // nothing was fetched again
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
  EXPECT_EQ(commits_of_named_zips(), commits_);
}

// The reports of the day's runs say what was written: a damaged zip is not taken for a good one, and one that
// is missing is missed.
TEST_F(ZipRepair, OfNamesForgetsNoZipThatWasDamagedWithThem) {
  fill();
  const std::string today(day_below_zip(zip_objects().back()));
  damage(zip_metadata_key(today), "deleted");
  damage(object_of(today, ids_[0]), "deleted");
  damage(object_of(today, ids_[1]), "flipped");

  ASSERT_EQ(find(), 3);
  const auto first = repair();
  const int left = find();
  const auto second = repair();

  EXPECT_EQ(first.exit_code, 0) << first.err << first.out;
  EXPECT_EQ(left, 3);  // what nobody could name, nobody could compare
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
  EXPECT_EQ(commits_of_named_zips(), commits_);
}

TEST_F(ZipRepair, LeavesHistoryAloneWithoutGit) {
  fill();
  damage(object_of(kOldDay, ids_[1]), "deleted");
  for (const auto& [key, bytes] : before_)
    if (key.ends_with(".bundle") && key.find("/site.") != std::string::npos) store()->remove(key);
  ASSERT_EQ(find(), 3);

  const auto zips_alone = repair({"--zip", "--no-git"});
  const int history = find();
  const auto both = repair();

  EXPECT_EQ(zips_alone.exit_code, 3);
  EXPECT_THAT(zips_alone.err, HasSubstr("octo/site: failed: its history is damaged, and --no-git leaves"));
  EXPECT_EQ(history, 3);
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
}

TEST_F(ZipRepair, IsMadeByABackupThatMeetsDamagedNames) {
  fill();
  const std::string today(day_below_zip(zip_objects().back()));
  for (const std::string& how : kDamages) {
    SCOPED_TRACE(how);
    damage(zip_metadata_key(today), how);
    push_file(ids_[0], "pushed after it was " + how);

    const auto met = backup_zips();
    note_commits();
    const auto next = backup_zips();

    EXPECT_EQ(met.exit_code, 3) << met.out;
    EXPECT_THAT(met.out,
                HasSubstr(zip_metadata_key(today) + (how == "deleted" ? " is missing" : " is damaged") +
                          ": it is made again"));
    EXPECT_EQ(next.exit_code, 0) << next.out;
    EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
    EXPECT_EQ(commits_of_named_zips(), commits_);
    before_ = objects();
  }
}

// At each call that changes the vault.
TEST_F(ZipRepair, LosesNothingWhenItIsKilled) {
  fill();
  const ObjectKey old_zip = object_of(kOldDay, ids_[0]);
  const std::string today(day_below_zip(zip_objects().back()));
  const ObjectKey new_zip = object_of(today, ids_[1]);
  const auto damage_all = [&] {
    set_back();
    damage(old_zip, "cut");
    damage(new_zip, "deleted");
    damage(zip_metadata_key(kOldDay), "flipped");
    ASSERT_EQ(find(), 3);
  };
  const auto repair_with = [&](const FileFault& fault) {
    fs::remove(scratch_ / "calls");
    sim::Environment environment = file_fault_environment(vault(), scratch_ / "calls", fault);
    environment.insert_or_assign("TOKEN_GITHUB", token_);
    return hubkeep(
        {"backup", "--api-url", github_.api_url(), "--to", place(), "--repair", findings_.string()},
        environment);
  };
  damage_all();
  ASSERT_EQ(repair_with({}).exit_code, 0);
  const auto renames_of = [&](const std::string& object) {
    const auto calls = read_file_calls(scratch_ / "calls", object);
    return std::count_if(calls.begin(), calls.end(),
                         [](const FileCall& call) { return call.operation == "rename"; });
  };
  const std::map<std::string, std::ptrdiff_t> renames = {{"*.zip", renames_of("*.zip")},
                                                         {"metadata.json", renames_of("metadata.json")},
                                                         {"catalog.jsonl.zst", 1}};
  ASSERT_EQ(renames.at("*.zip"), 2);
  ASSERT_EQ(renames.at("metadata.json"), 4);  // made again; the new zips; the mark on each day's old one

  for (const auto& [object, count] : renames) {
    for (std::ptrdiff_t call = 1; call <= count; ++call) {
      for (const char* action : {"kill-before", "kill-after"}) {
        SCOPED_TRACE(object + " " + std::to_string(call) + " " + action);
        damage_all();

        const auto killed = repair_with(
            {.object = object, .operation = "rename", .call = std::to_string(call), .action = action});
        for (int rounds = 0; rounds < 3 && find() == 3; ++rounds) EXPECT_EQ(repair().exit_code, 0);

        EXPECT_EQ(killed.exit_code, kKilled) << killed.err;
        EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
        EXPECT_EQ(commits_of_named_zips(), commits_);
        const Objects now = objects();
        for (const auto& [key, bytes] : before_) {
          if (key.ends_with(".zip") && key != old_zip && key != new_zip) {
            EXPECT_EQ(now.at(key), bytes) << key;
          }
        }
      }
    }
  }
}

class ZipRepairInBucket : public ZipsAnywhere {
 protected:
  std::string place() const override { return location(); }
  std::unique_ptr<ObjectStore> store() override { return parts_.store(server_.endpoint(), location()); }
  sim::Environment surroundings() const override { return environment(server_.endpoint()); }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(ZipRepairInBucket, MendsEachObjectHoweverItIsDamaged) {
  fill();

  damage_and_repair_each();
}

// Size and checksum of what lies in an archive class can be asked for, and nothing has to be read for a
// repair.
TEST_F(ZipRepairInBucket, MendsWhatLiesInAnArchiveClass) {
  fill();
  const ObjectKey key = object_of(kOldDay, ids_[0]);
  damage(key, "flipped");
  for (const ObjectKey& each : zip_objects())
    if (each.ends_with(".zip")) fake_.move_to_class("/" + bucket_ + "/vault/" + each, "GLACIER");

  const int found = find({});
  const auto repaired = repair();
  const auto verified = verify({"--read-data"});

  EXPECT_EQ(found, 3);
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err << repaired.out;
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

// What nobody can read now, nobody can name by itself.
TEST_F(ZipRepairInBucket, SaysOfWhichColdZipTheNameIsLost) {
  fill();
  damage(zip_metadata_key(kOldDay), "deleted");
  const ObjectKey key = object_of(kOldDay, ids_[0]);
  fake_.move_to_class("/" + bucket_ + "/vault/" + key, "GLACIER");

  ASSERT_EQ(find(), 3);
  const auto repaired = repair();

  EXPECT_EQ(repaired.exit_code, 3) << repaired.err;
  EXPECT_THAT(repaired.out, HasSubstr(key + " stays without a name: it is in an archive class"));
}

class ZipRepairInRealBucket : public ZipsAnywhere {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    parts_.client(endpoint(), bucket_)
        .send({.method = "PUT",
               .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
               .action = "s3:CreateBucket"},
              {});
  }
  static std::string endpoint() { return Radosgw::instance().endpoint(); }
  std::string place() const override { return location(); }
  std::unique_ptr<ObjectStore> store() override { return parts_.store(endpoint(), location()); }
  sim::Environment surroundings() const override { return environment(endpoint()); }
};

// A lock keeps every version; what somebody writes over a zip, or a mark that it is deleted, hides it all the
// same.
TEST_F(ZipRepairInRealBucket, MendsAlsoWhereObjectsAreLocked) {
  fill({"--object-lock", "governance", "--retain-days", "30"});

  const std::string today(day_below_zip(zip_objects().back()));
  damage_and_repair({object_of(kOldDay, ids_[0]), object_of(today, ids_[1]), zip_metadata_key(today)},
                    {"deleted", "flipped"});
}

}  // namespace
}  // namespace hubkeep
