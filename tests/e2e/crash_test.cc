// The process killed at random moments: nothing committed is lost, nothing is left behind, nothing fetched
// twice.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

class Crash : public EndToEnd {
 protected:
  // Starts a backup and kills it after `delay`. False when it had ended by itself.
  bool killed_backup(std::chrono::microseconds delay) {
    const std::string name =
        std::getenv("HUBKEEP_BINARY") == nullptr ? HUBKEEP_DEFAULT_BINARY : std::getenv("HUBKEEP_BINARY");
    const std::string api = github_.api_url();
    const std::string to = vault().string();
    const std::string token = "TOKEN_GITHUB=" + token_;
    std::vector<std::string> words = {name, "backup", "--quiet", "--api-url", api, "--to", to};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string token_variable = token;
    char* environment[] = {token_variable.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
    pid_t child = 0;
    EXPECT_EQ(posix_spawn(&child, name.c_str(), &actions, nullptr, arguments.data(), environment), 0);
    posix_spawn_file_actions_destroy(&actions);
    std::this_thread::sleep_for(delay);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
  }

  void push(sim::RepositoryId id, int number) {
    const auto path = path_of(id);
    const auto commit =
        sim::git(path, {"commit-tree", "-m", "push " + std::to_string(number), "-p", "main", "main^{tree}"});
    sim::git(path, {"update-ref", "refs/heads/main", commit});
    pushed(id);
  }
};

TEST_F(Crash, AKillAtAnyMomentLosesNothing) {
  const char* named = std::getenv("SEED");
  const unsigned seed =
      named == nullptr ? std::random_device{}() : static_cast<unsigned>(std::strtoul(named, nullptr, 10));
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const auto id = add_repository("site");
  sim::make_repository_content(path_of(id), 5, 20, 5);
  pushed(id);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(backup().exit_code, 0);
  const auto whole_run =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  int killed = 0;
  for (int round = 0; round < 100; ++round) {
    push(id, round);
    const auto before = snapshots_of(folder_of(id)).size();
    killed +=
        killed_backup(std::chrono::microseconds(random() % static_cast<unsigned>(whole_run.count()))) ? 1 : 0;
    const bool committed = snapshots_of(folder_of(id)).size() > before;
    github_.clear_log();

    const auto result = backup({"--stale-after", "0"});

    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), committed ? 0U : 1U) << "round " << round;
    EXPECT_EQ(snapshots_of(folder_of(id)).size(), before + 1);
    EXPECT_EQ(temporary_files(), 0U);
  }
  EXPECT_GT(killed, 50);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
  for (const auto& snapshot : snapshots_of(folder_of(id))) restore("octo/site", snapshot);
}

}  // namespace
}  // namespace hubkeep
