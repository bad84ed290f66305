// Random histories: every snapshot is restored by hubkeep and by plain git, and compared with what the server
// had.

#include <cstdlib>

#include "e2e/end_to_end.h"
#include "e2e/random_history.h"
#include "e2e/torture.h"

namespace hubkeep {
namespace {

class History : public EndToEnd {
 protected:
  void run(unsigned seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed));
    const auto format = seed % 5 == 4 ? sim::ObjectFormat::sha256 : sim::ObjectFormat::sha1;
    const auto id = add_repository("history", {.object_format = format});
    RandomHistory history(path_of(id), seed);
    std::vector<std::string> expected;
    for (int run = 0; run < 10; ++run) {
      history.step();
      pushed(id);
      const auto result = backup({"--recheck-days", "0"});
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const auto count = snapshots_of(folder_of(id)).size();
      const std::string state = state_of(path_of(id));
      if (count > expected.size()) {
        expected.push_back(state);
      } else {
        ASSERT_EQ(expected.back(), state) << "a change was not saved";
      }
    }
    compare_all(id, expected);
  }

  void compare_all(sim::RepositoryId id, const std::vector<std::string>& expected) {
    const auto ids = snapshots_of(folder_of(id));
    ASSERT_EQ(ids.size(), expected.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto by_hubkeep = restore("octo/history", ids[i]);
      const auto by_git = restore_by_readme(folder_of(id), ids[i]);
      EXPECT_EQ(state_of(by_hubkeep), expected[i]) << ids[i];
      EXPECT_EQ(state_of(by_git), expected[i]) << ids[i];
      const auto check = sim::run({"git", "-C", by_hubkeep.string(), "fsck", "--full"});
      EXPECT_EQ(check.exit_code, 0) << check.err;
    }
    begin_anew();
  }
};

TEST_F(History, EverySnapshotOfRandomHistoriesIsRestored) {
  const unsigned first = number_from("SEED", 1);
  const unsigned count = std::getenv("SEED") != nullptr ? 1 : torture_rounds(20);
  for (unsigned seed = first; seed < first + count; ++seed) {
    run(seed);
    world_.remove(world_.find_repository("octo", "history")->id);
    std::filesystem::remove_all(scratch_ / "github/octo");
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace hubkeep
