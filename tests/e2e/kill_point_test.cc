// The process killed at each call by which it changes a vault: before it, after it, in the middle of a write.

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/readme_restore.h"
#include "e2e/torture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 128 + SIGKILL;
constexpr unsigned kRounds = 20;
// A bundle of 300,000 bytes has more of them; how many depends on how the network cuts it.
constexpr std::size_t kWritesForSure = 4;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t count(const std::vector<FileCall>& calls, const std::string& operation) {
  return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [&](const FileCall& call) {
    return call.operation == operation && call.succeeded;
  }));
}

// Before and after each call that changes something, and within each write.
std::vector<FileFault> kill_points(const std::vector<FileCall>& calls) {
  std::map<std::string, std::size_t> numbers;  // of each operation for each object
  std::vector<FileFault> points;
  for (const auto& call : calls) {
    const auto number = ++numbers[call.operation + " " + call.object];
    if (call.operation == "open" || (call.operation == "write" && number > kWritesForSure)) continue;
    for (const auto* action : {"kill-before", "kill-after", "kill-torn"}) {
      if (call.operation != "write" && std::string(action) == "kill-torn") continue;
      points.push_back({.object = call.object,
                        .operation = call.operation,
                        .call = std::to_string(number),
                        .action = action});
    }
  }
  return points;
}

class KilledBackup : public EndToEnd {
 protected:
  sim::RunResult logged_backup(const FileFault& fault = {}) {
    fs::remove(log_);
    return backup({"--quiet"}, with_also(lacking_environment(root_, log_, lacking_, fault)));
  }

  // On the same disk, undisturbed.
  sim::RunResult next_backup() {
    return backup({"--stale-after", "0"},
                  with_also(lacking_environment(root_, scratch_ / "calls-after", lacking_)));
  }

  sim::Environment with_also(sim::Environment environment) const {
    environment.insert(also_.begin(), also_.end());
    return environment;
  }

  // Points in random order, all of them once before one comes again.
  std::vector<FileFault> choose(std::vector<FileFault> points) {
    std::shuffle(points.begin(), points.end(), random_);
    std::vector<FileFault> chosen;
    for (std::size_t i = 0; i < torture_rounds(kRounds); ++i) {
      chosen.push_back(points[i % points.size()]);
      chosen.back().argument = std::to_string(random_() % 100);  // per cent of a torn write
    }
    return chosen;
  }

  // More than one write of the store.
  void push_much(sim::RepositoryId id) {
    push_file(id, random_bytes(300'000, static_cast<unsigned>(random_())));
  }

  std::set<std::string> visible_files() const {
    std::set<std::string> files;
    if (!fs::exists(vault())) return files;
    for (const auto& file : fs::recursive_directory_iterator(vault())) {
      const auto& path = file.path();
      if (file.is_regular_file() && path.parent_path().filename() != ".tmp") files.insert(path.string());
    }
    return files;
  }

  // Objects are in the vault when they were given their names, and only then.
  void expect_only_what_was_renamed(std::set<std::string> before, const std::string& catalog_before) const {
    const auto calls = read_file_calls(log_);
    bool catalog_renamed = false;
    for (const auto& call : calls) {
      if (call.operation != "rename" || !call.succeeded) continue;
      before.insert(call.path);
      catalog_renamed |= call.object == "catalog.jsonl.zst";
    }
    EXPECT_EQ(visible_files(), before);
    EXPECT_EQ(content_of(vault() / "catalog.jsonl.zst") != catalog_before, catalog_renamed);
    if (fs::exists(vault() / ".tmp")) {
      EXPECT_EQ(temporary_files(), count(calls, "make") - count(calls, "rename") - count(calls, "remove"));
    }
  }

  // Some of them by plain git, too: it reads the whole chain each time.
  void expect_all_restored(sim::RepositoryId id, const std::vector<std::string>& expected) {
    const auto ids = snapshots_of(folder_of(id));
    ASSERT_EQ(ids.size(), expected.size());
    const std::size_t stride = std::max<std::size_t>(1, ids.size() / 2);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ(state_of(restore("octo/site", ids[i])), expected[i]) << ids[i];
      if (i % stride != 0 && i + 1 != ids.size()) continue;
      EXPECT_EQ(state_of(restore_by_readme(folder_of(id), ids[i])), expected[i]) << ids[i];
    }
  }

  const unsigned seed_ = torture_seed();
  std::mt19937 random_{seed_};
  const fs::path log_ = scratch_ / "calls";
  fs::path root_ = vault();
  Lacking lacking_{.calls = {}, .type = {}, .pauses = false};
  sim::Environment also_;  // of each run
};

class KillPoints : public KilledBackup, public testing::WithParamInterface<const char*> {
 protected:
  void lose_nothing_that_was_committed();
};

// Counts the calls in an undisturbed run, then kills at each.
void KillPoints::lose_nothing_that_was_committed() {
  SCOPED_TRACE("SEED=" + std::to_string(seed_));
  const auto id = add_filled("site");
  std::vector<std::string> expected;
  for (int undisturbed = 0; undisturbed < 2; ++undisturbed) {
    push_much(id);
    ASSERT_EQ(logged_backup().exit_code, 0);
    expected.push_back(state_of(path_of(id)));
  }

  for (auto& point : choose(kill_points(read_file_calls(log_, GetParam())))) {
    point.object = GetParam();  // the names are others now
    SCOPED_TRACE(point.action + " " + point.operation + " " + point.call);
    push_much(id);
    const auto before = visible_files();
    const auto catalog_before = content_of(vault() / "catalog.jsonl.zst");
    const auto snapshots_before = snapshots_of(folder_of(id)).size();

    ASSERT_EQ(logged_backup(point).exit_code, kKilled);

    expect_only_what_was_renamed(before, catalog_before);
    const bool committed = snapshots_of(folder_of(id)).size() > snapshots_before;
    github_.clear_log();
    const auto next = next_backup();
    ASSERT_EQ(next.exit_code, 0) << next.err;
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), committed ? 0U : 1U);
    EXPECT_EQ(snapshots_of(folder_of(id)).size(), snapshots_before + 1);
    EXPECT_EQ(temporary_files(), 0U);
    expected.push_back(state_of(path_of(id)));
  }
  expect_all_restored(id, expected);
}

TEST_P(KillPoints, LoseNothingThatWasCommitted) {
  lose_nothing_that_was_committed();
}

INSTANTIATE_TEST_SUITE_P(Objects, KillPoints,
                         testing::Values("*.bundle", "*.idx", "*.refs.zst", "*.json.zst", "catalog.jsonl.zst",
                                         "[0-9]*.jsonl.zst"));

// Names are given under a lock that is a file. It dies with its process, wherever that is.
class KillPointsOfALackingDisk : public KillPoints {
 protected:
  KillPointsOfALackingDisk() {
    lacking_.calls = {{"rename-new", EINVAL}, {"link", EPERM}, {"lock", ENOLCK}, {"sync-folder", EINVAL}};
  }
};

TEST_P(KillPointsOfALackingDisk, LoseNothingThatWasCommitted) {
  lose_nothing_that_was_committed();
}

INSTANTIATE_TEST_SUITE_P(Objects, KillPointsOfALackingDisk,
                         testing::Values("*.bundle", "catalog.jsonl.zst", "lock.held"));

// A history and its wiki are one snapshot: both of them are in it, or neither.
class KillPointsOfAWiki : public KilledBackup, public testing::WithParamInterface<const char*> {
 protected:
  KillPointsOfAWiki() { also_ = {{"HUBKEEP_WITH", "wiki"}, {"HUBKEEP_WIKI_EVERY", "0"}}; }

  void push_both(sim::RepositoryId id) {
    push_much(id);
    sim::fast_import(world_.repository(id).wiki_path,
                     "commit refs/heads/main\ncommitter A U Thor <author@example.com> 1700000000 +0000\ndata "
                     "6\na page\nfrom refs/heads/main^0\nM 100644 inline Home.md\ndata 300000\n" +
                         random_bytes(300'000, static_cast<unsigned>(random_())) + "\n");
  }
};

TEST_P(KillPointsOfAWiki, LoseNothingThatWasCommitted) {
  SCOPED_TRACE("SEED=" + std::to_string(seed_));
  const auto id = add_filled("site");
  world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = true; });
  const fs::path wiki = world_.add_wiki(id);
  sim::make_repository_content(wiki, 2, 3, 3);
  std::vector<std::string> expected;
  std::vector<std::string> wikis;
  for (int undisturbed = 0; undisturbed < 2; ++undisturbed) {
    push_both(id);
    ASSERT_EQ(logged_backup().exit_code, 0);
    expected.push_back(state_of(path_of(id)));
    wikis.push_back(state_of(wiki));
  }

  for (auto& point : choose(kill_points(read_file_calls(log_, GetParam())))) {
    point.object = GetParam();
    SCOPED_TRACE(point.action + " " + point.operation + " " + point.call);
    push_both(id);
    const auto snapshots_before = snapshots_of(folder_of(id)).size();

    ASSERT_EQ(logged_backup(point).exit_code, kKilled);

    const bool committed = snapshots_of(folder_of(id)).size() > snapshots_before;
    github_.clear_log();
    const auto next = next_backup();
    ASSERT_EQ(next.exit_code, 0) << next.err;
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), committed ? 0U : 2U);
    EXPECT_EQ(snapshots_of(folder_of(id)).size(), snapshots_before + 1);
    EXPECT_EQ(temporary_files(), 0U);
    expected.push_back(state_of(path_of(id)));
    wikis.push_back(state_of(wiki));
  }
  expect_all_restored(id, expected);
  const auto ids = snapshots_of(folder_of(id));
  const std::size_t stride = std::max<std::size_t>(1, ids.size() / 4);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i % stride != 0 && i + 1 != ids.size()) continue;
    const fs::path target = scratch_ / ("wiki-" + std::to_string(i) + ".git");
    restore_by_readme_text(vault(), folder_of(id), ids[i], "wiki", target);
    EXPECT_EQ(state_of(target), wikis.at(i)) << ids[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Objects, KillPointsOfAWiki,
                         testing::Values("*.bundle", "*.json.zst", "catalog.jsonl.zst"));

using KillPointsOfANewVault = KilledBackup;

TEST_F(KillPointsOfANewVault, LeaveWhatTheNextRunCompletes) {
  SCOPED_TRACE("SEED=" + std::to_string(seed_));
  const auto id = add_filled("site");
  root_ = scratch_.path();  // the folder itself is made, too
  ASSERT_EQ(logged_backup().exit_code, 0);
  auto calls = read_file_calls(log_);
  const auto last = std::find_if(calls.rbegin(), calls.rend(),
                                 [](const FileCall& call) { return call.object == "README.txt"; });
  calls.erase(last.base(), calls.end());

  for (const auto& point : choose(kill_points(calls))) {
    SCOPED_TRACE(point.action + " " + point.operation + " " + point.call + " " + point.object);
    begin_anew();

    ASSERT_EQ(logged_backup(point).exit_code, kKilled);

    expect_only_what_was_renamed({}, "");
    const auto next = next_backup();
    ASSERT_EQ(next.exit_code, 0) << next.err;
    EXPECT_EQ(temporary_files(), 0U);
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
  }
  const auto snapshots = snapshots_of(folder_of(id));
  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id), snapshots[0])), state_of(path_of(id)));
}

}  // namespace
}  // namespace hubkeep
