// Folders on file systems that lack calls: each answer of each call, and all at once. Nothing is lost on
// them, whoever else writes there, and what does not hold there is said.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/small_disk.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kFuse = "65735546";
constexpr const char* kNfs = "6969";
constexpr const char* kRunsMustNotOverlap = "has no locks: two runs must not write to ";

class LackingDisk : public EndToEnd {
 protected:
  // Also where it restores.
  sim::Environment on(const Lacking& lacking, const FileFault& fault = {}) {
    fs::remove(log_);
    return lacking_environment(scratch_.path(), log_, lacking, fault);
  }

  std::vector<FileCall> calls(const std::string& operation, const std::string& object = "*") const {
    std::vector<FileCall> chosen;
    for (const FileCall& call : read_file_calls(log_, object))
      if (call.operation == operation) chosen.push_back(call);
    return chosen;
  }

  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(vault() / ".tmp"))
      if (entry.path().filename() != "lock") names.push_back(entry.path().filename());
    return names;
  }

  void expect_two_runs_go_well(const Lacking& lacking) {
    begin_anew();
    const auto first = backup({}, on(lacking));
    push_file(id_, "again " + std::to_string(++rounds_));
    const auto second = backup({}, on(lacking));

    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_THAT(second.out, HasSubstr("1 saved"));
    EXPECT_THAT(left_behind(), IsEmpty());
    const auto verified = hubkeep({"verify", "--read-data", "--from", vault().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.err;
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
  }

  void push_with_link(sim::RepositoryId id) {
    sim::fast_import(path_of(id),
                     "commit refs/heads/main\ncommitter A U Thor <author@example.com> 1700000000 +0000\n"
                     "data 6\na link\nfrom refs/heads/main^0\n"
                     "M 100644 inline plain\ndata 5\nplain\nM 120000 inline leads\ndata 5\nplain\n");
    pushed(id);
  }

  const fs::path log_ = scratch_ / "calls";
  const sim::RepositoryId id_ = add_filled("site");
  int rounds_ = 0;
};

const Lacking kNoNewName{.calls = {{"rename-new", EINVAL}, {"link", EPERM}}, .type = {}};

const Lacking kEverything{.calls = {{"rename-new", EINVAL},
                                    {"link", EPERM},
                                    {"lock", ENOLCK},
                                    {"sync-folder", EINVAL},
                                    {"chmod", EPERM},
                                    {"symlink", EPERM},
                                    {"map", ENODEV},
                                    {"flush", ENOSYS}},
                          .type = kFuse};

TEST_F(LackingDisk, GoesOnAtEachAnswerOfEachCall) {
  const std::vector<std::pair<std::string, std::vector<int>>> answers = {
      {"rename-new", {EINVAL, ENOSYS, EPERM, ENOTSUP}},
      {"lock", {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL}},
      {"sync-folder", {EINVAL, ENOTTY, EPERM, EBADF, EISDIR, ENOSYS, ENOTSUP}}};
  for (const auto& [call, numbers] : answers) {
    for (const int number : numbers) {
      SCOPED_TRACE(call + " " + std::to_string(number));
      expect_two_runs_go_well({.calls = {{call, number}}, .type = {}});
      EXPECT_THAT(calls(call == "rename-new" ? "link" : call), Not(IsEmpty()));
    }
  }
  for (const int number : {EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EXDEV}) {
    SCOPED_TRACE("link " + std::to_string(number));
    expect_two_runs_go_well({.calls = {{"rename-new", EINVAL}, {"link", number}}, .type = {}});
    EXPECT_THAT(calls("link"), AllOf(Not(IsEmpty()), Each(Field(&FileCall::succeeded, false))));
  }
}

// The device has spoken: that is no lack.
TEST_F(LackingDisk, StaysAnErrorWhereTheDeviceSaysNo) {
  for (const int number : {EIO, ENOSPC, EDQUOT, EROFS}) {
    SCOPED_TRACE(number);
    begin_anew();

    const auto result = backup({}, on({.calls = {{"sync-folder", number}}, .type = {}}));

    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("cannot make durable the folder "));
  }
}

TEST_F(LackingDisk, OfEverythingHoldsAWholeVault) {
  expect_two_runs_go_well(kEverything);
  push_with_link(id_);

  const auto last = backup({}, on(kEverything));

  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_THAT(last.err, Not(HasSubstr(kRunsMustNotOverlap)));
  EXPECT_THAT(calls("make", "lock.held"), Not(IsEmpty()));
  for (const auto* how : {"--restore", "--deep"}) {
    const auto verified = hubkeep({"verify", how, "--read-data", "--temp-dir", (scratch_ / "rooms").string(),
                                   "--from", vault().string()},
                                  on(kEverything));
    EXPECT_EQ(verified.exit_code, 0) << verified.err;
  }
  const fs::path bare = scratch_ / "bare";
  const auto restored =
      hubkeep({"restore", "octo/site", bare.string(), "--bare", "--from", vault().string()}, on(kEverything));
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(state_of(bare), state_of(path_of(id_)));
}

// libgit2 and git map files themselves, and cannot do without.
TEST_F(LackingDisk, OfEverythingButMappingTakesAWorkTree) {
  const auto id = add_repository("closed", {.is_private = true});
  sim::make_repository_content(path_of(id), 1, 5, 5);
  push_with_link(id);
  ASSERT_EQ(backup().exit_code, 0);
  Lacking lacking = kEverything;
  lacking.calls.erase("map");
  for (const auto& [name, is_there, temporary] :
       {std::tuple("new", false, ""), std::tuple("there", true, ""), std::tuple("far", true, "/dev/shm")}) {
    SCOPED_TRACE(name);
    const fs::path folder = scratch_ / name;
    if (is_there) fs::create_directory(folder);
    std::vector<std::string> arguments = {"restore", "octo/closed", folder.string(), "--from",
                                          vault().string()};
    if (*temporary != '\0') arguments.insert(arguments.end(), {"--temp-dir", temporary});

    const auto restored = hubkeep(arguments, on(lacking));

    EXPECT_EQ(state_of(folder / ".git"), state_of(path_of(id)));
    EXPECT_EQ(fs::file_size(folder / "plain"), 5U);
    EXPECT_EQ(fs::is_symlink(folder / "leads"), restored.exit_code == 0) << restored.err;
    EXPECT_THAT(restored.err,
                AllOf(HasSubstr("others on this machine may be able to read " + folder.string()),
                      HasSubstr(" keeps no modes")));
  }
}

// Neither flock() nor O_EXCL. Said once, before anything is written.
TEST_F(LackingDisk, WithoutAnyLockSaysThatRunsMustNotOverlap) {
  Lacking lacking = kNoNewName;
  lacking.calls.insert({{"lock", ENOSYS}, {"make", EINVAL}});
  lacking.type = kFuse;

  const auto result = backup({}, on(lacking));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto place = result.err.find(kRunsMustNotOverlap);
  ASSERT_NE(place, std::string::npos) << result.err;
  EXPECT_THAT(result.err.substr(place), HasSubstr(vault().string() + " at the same time"));
  EXPECT_EQ(result.err.find(kRunsMustNotOverlap, place + 1), std::string::npos);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
}

TEST_F(LackingDisk, WhoseLocksMayEndAtThisMachineIsLockedByAFileToo) {
  for (const auto* type : {kFuse, kNfs}) {
    begin_anew();
    const auto result = backup({}, on({.calls = {}, .type = type}));

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(calls("lock", "*"), Not(IsEmpty()));
    EXPECT_THAT(calls("make", "lock.held"), Not(IsEmpty()));
    EXPECT_EQ(calls("make", "lock.held").size(), calls("remove", "lock.held").size());
  }
}

TEST_F(LackingDisk, ThatLocksForThisMachineAloneIsNamed) {
  const auto result = backup({}, on({.calls = {{"make", EINVAL}}, .type = kFuse}));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr(" has no locks that other machines see: two machines must not write to "));
}

// A disk of this machine's own that has everything is asked for nothing more than ever.
TEST_F(LackingDisk, IsNotWhatAWholeOneIsTreatedAs) {
  const auto result = backup({}, on({.calls = {}, .type = {}}));

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(calls("make", "lock.held"), IsEmpty());
  EXPECT_THAT(calls("link"), IsEmpty());
  for (const auto* call : {"rename", "lock", "sync", "sync-folder", "make", "write"})
    EXPECT_THAT(calls(call), AllOf(Not(IsEmpty()), Each(Field(&FileCall::succeeded, true)))) << call;
}

// A name that the share does not take is known before anything of the repository has come.
TEST_F(LackingDisk, ThatRefusesANameSaysSoBeforeTheFirstByte) {
  ASSERT_EQ(backup().exit_code, 0);
  add_filled("aux", 2);

  const auto result = backup(
      {}, on({.calls = {}, .type = kFuse},
             {.operation = "mkdir", .call = "1+", .action = "fail", .argument = std::to_string(EINVAL)}));

  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/aux: failed: "), HasSubstr("cannot make the folder "),
                                HasSubstr(" cannot do that: Invalid argument")));
  EXPECT_THAT(calls("write", "*.bundle"), IsEmpty());
}

class RunsAtOnce : public LackingDisk, public testing::WithParamInterface<const Lacking*> {
 protected:
  std::size_t snapshots_of_all(const std::vector<sim::RepositoryId>& ids) const {
    std::size_t count = 0;
    if (!fs::exists(vault())) return count;
    for (const auto id : ids) count += snapshots_of(folder_of(id)).size();
    return count;
  }
};

// Both change the catalog, the state and the vault itself; neither's work is lost.
TEST_P(RunsAtOnce, OnALackingDiskLoseNothing) {
  std::vector<sim::RepositoryId> ids = {id_};
  for (unsigned i = 2; i < 7; ++i) ids.push_back(add_filled("site-" + std::to_string(i), i));
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    const auto before = snapshots_of_all(ids);
    for (const auto id : ids) push_file(id, "round " + std::to_string(round));

    auto first = start_backup({"--jobs", "3"}, on(*GetParam()));
    auto second = start_backup({"--jobs", "3"}, on(*GetParam()));
    const auto one = first.finish();
    const auto two = second.finish();

    EXPECT_EQ(one.exit_code, 0) << one.err;
    EXPECT_EQ(two.exit_code, 0) << two.err;
    EXPECT_GE(snapshots_of_all(ids), before + ids.size());
    EXPECT_THAT(left_behind(), IsEmpty());
    const auto verified = hubkeep({"verify", "--read-data", "--from", vault().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    for (const auto id : ids)
      EXPECT_EQ(state_of(restore(world_.repository(id).full_name())), state_of(path_of(id)));
  }
  const auto rebuilt = hubkeep({"rebuild-catalog", "--from", vault().string()});
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
}

const Lacking kLocksHereOnly{.calls = {}, .type = kFuse};

INSTANTIATE_TEST_SUITE_P(LackingDisk, RunsAtOnce,
                         testing::Values(&kEverything, &kNoNewName, &kLocksHereOnly));

// All that a store promises, where everything is lacking: its own tests, in a program that has the shim.
TEST_F(LackingDisk, KeepsTheContractOfStores) {
  const fs::path folder = scratch_ / "contract";
  fs::create_directory(folder);
  for (const Lacking* lacking : {&kEverything, &kNoNewName, &kLocksHereOnly}) {
    auto environment = lacking_environment(folder, "/dev/null", *lacking);
    environment["TMPDIR"] = folder.string();
    environment["GTEST_TOTAL_SHARDS"] = "1";  // all of them, whatever share of the tests this program has
    environment["GTEST_SHARD_INDEX"] = "0";
    const auto result = sim::run({HUBKEEP_STORE_TEST, "--gtest_filter=Folder/StoreContract.*"},
                                 {.cwd = folder, .env = environment});

    EXPECT_EQ(result.exit_code, 0) << result.out;
    EXPECT_THAT(result.out, AllOf(HasSubstr("[  PASSED  ]"), HasSubstr("LosesNoUpdateOfManyAtOnce")));
  }
}

using ReadOnlyDisk = EndToEnd;

// A disc, or a disk that is mounted so.
TEST_F(ReadOnlyDisk, IsReadByEverythingThatReads) {
  SmallDisk disk(scratch_ / "disk", 1 << 20);
  if (!disk.is_mounted()) GTEST_SKIP() << "only root can mount a small disk";
  fs::create_symlink(scratch_ / "disk", vault());
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  disk.make_read_only();

  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"verify"},
                                             {"verify", "--read-data"},
                                             {"verify", "--deep"},
                                             {"ls", "octo/site"},
                                             {"log", "octo/site"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--from", vault().string()});
    const auto result = hubkeep(arguments);
    EXPECT_EQ(result.exit_code, 0) << command[0] << ": " << result.err;
  }
  const auto copied = hubkeep({"copy", vault().string(), (scratch_ / "copy").string()});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

}  // namespace
}  // namespace hubkeep
