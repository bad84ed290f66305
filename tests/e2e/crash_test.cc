// The process killed at random moments: nothing committed is lost, nothing is left behind, nothing fetched
// twice.

#include <gmock/gmock.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <random>
#include <thread>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "e2e/torture.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;

class Crash : public EndToEnd {
 protected:
  // Starts a backup and kills it after `delay`. False when it had ended by itself.
  bool killed_backup(std::chrono::microseconds delay) {
    BackgroundRun run = start_backup({"--quiet"}, environment_);
    std::this_thread::sleep_for(delay);
    run.signal(SIGKILL);
    return run.finish().exit_code == 128 + SIGKILL;
  }
  void expect_nothing_lost(unsigned rounds);

  sim::Environment environment_;  // of each backup
};

void Crash::expect_nothing_lost(unsigned rounds) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const auto id = add_repository("site");
  sim::make_repository_content(path_of(id), 5, 20, 5);
  pushed(id);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(backup({}, environment_).exit_code, 0);
  const auto whole_run =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  unsigned killed = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    push_file(id, "push " + std::to_string(round));
    const auto before = snapshots_of(folder_of(id)).size();
    killed += killed_backup(std::chrono::microseconds(random() % static_cast<unsigned>(whole_run.count())))
                  ? 1U
                  : 0U;
    const bool committed = snapshots_of(folder_of(id)).size() > before;

    const auto result = backup({"--stale-after", "0"}, environment_);

    ASSERT_EQ(result.exit_code, 0) << result.err;
    // As this run counts them: the simulator may still be at a request of the one that was killed.
    EXPECT_THAT(result.out, HasSubstr(committed ? ", 0 git requests" : ", 2 git requests"))
        << "round " << round;
    EXPECT_EQ(snapshots_of(folder_of(id)).size(), before + 1);
    EXPECT_EQ(temporary_files(), 0U);
  }
  EXPECT_GE(killed, rounds / 3);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
  for (const auto& snapshot : snapshots_of(folder_of(id))) restore("octo/site", snapshot);
}

TEST_F(Crash, AKillAtAnyMomentLosesNothing) {
  expect_nothing_lost(torture_rounds(100));
}

TEST_F(Crash, AKillAtAnyMomentLosesNothingOnADiskThatLacksCalls) {
  environment_ = lacking_environment(
      vault(), scratch_ / "calls",
      {.calls = {{"rename-new", EINVAL}, {"link", EPERM}, {"lock", ENOLCK}, {"sync-folder", ENOTTY}},
       .type = {}});

  expect_nothing_lost(torture_rounds(30));
}

}  // namespace
}  // namespace hubkeep
