// Ctrl-C and SIGTERM: a stop in order that keeps what is finished, and at the second one an end at once. And
// a standard output that nobody reads.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <sstream>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kInterrupted = 130;

class Signal : public EndToEnd, public testing::WithParamInterface<int> {
 protected:
  // The report of the vault's only run.
  std::string report() {
    const auto reports = fs::directory_iterator(vault() / "runs");
    return sim::run_checked({"zstd", "-dcq", reports->path().string()}).out;
  }

  std::string line_of(const std::string& name) {
    std::istringstream lines(report());
    for (std::string line; std::getline(lines, line);) {
      if (line.find("\"repository\":\"octo/" + name + "\"") != std::string::npos) return line;
    }
    return "";
  }

  // A process that stands still at some call until release().
  sim::Environment held_at(const std::string& object, const std::string& operation) {
    return file_fault_environment(
        vault(), scratch_ / "calls",
        {.object = object, .operation = operation, .action = "hold", .argument = held_.string()});
  }
  bool wait_until_held() {
    return wait_until([&] { return fs::exists(held_); });
  }
  void release() { fs::remove(held_); }

  std::map<std::string, std::string> files_of_vault() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(vault())) {
      if (!file.is_regular_file()) continue;
      std::ifstream stream(file.path(), std::ios::binary);
      files[file.path().string()] = {std::istreambuf_iterator<char>(stream), {}};
    }
    return files;
  }

  const sim::FaultMatch fetch_{.git_command = sim::GitCommand::fetch};
  const fs::path held_ = scratch_ / "held";
};

INSTANTIATE_TEST_SUITE_P(Signals, Signal, testing::Values(SIGINT, SIGTERM));

TEST_P(Signal, InTheMiddleOfAFetchKeepsWhatIsFinished) {
  add_filled("large", 1, 400);
  const auto middle = add_filled("middle", 2, 200);
  add_filled("small", 3);
  std::promise<void> asked;
  std::promise<void> ended;
  github_.faults().add({.repository = "octo/middle", .git_command = sim::GitCommand::fetch}, sim::Hook{[&] {
                         asked.set_value();
                         ended.get_future().wait();
                       }});
  BackgroundRun run = start_backup({"--jobs", "1"});
  asked.get_future().wait();

  run.signal(GetParam());
  const auto result = run.finish();
  ended.set_value();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_THAT(result.err, HasSubstr("what is finished is kept"));
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 0 failed, 2 not done"));
  EXPECT_THAT(line_of("large"), HasSubstr("\"result\":\"saved\""));
  EXPECT_THAT(line_of("middle"), HasSubstr("\"result\":\"not_done\""));
  EXPECT_THAT(line_of("small"), HasSubstr("\"result\":\"not_done\""));
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("octo/large"));
  github_.clear_log();
  const auto next = backup();
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(next.out, HasSubstr("2 saved, 1 unchanged, 0 failed"));
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 2U);
  EXPECT_EQ(state_of(restore("octo/middle")), state_of(path_of(middle)));
}

TEST_P(Signal, InTheMiddleOfAPackLeavesNoTemporaryFile) {
  const auto id = add_filled("site");
  push_file(id, random_bytes(4 << 20, 1));
  github_.faults().add(fetch_, sim::Drip{.bytes_per_second = 100'000});
  BackgroundRun run = start_backup();
  ASSERT_TRUE(wait_until([&] {
    if (!fs::exists(vault() / ".tmp")) return false;
    for (const auto& file : fs::directory_iterator(vault() / ".tmp")) {
      if (file.path().extension() == ".bundle" && file.file_size() > 0) return true;
    }
    return false;
  }));

  run.signal(GetParam());
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_THAT(line_of("site"), HasSubstr("\"result\":\"not_done\""));
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_FALSE(fs::exists(vault() / "repos"));
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_P(Signal, DuringARateLimitEndsTheWait) {
  add_filled("site");
  github_.faults().add({.path = "/user/repos"},
                       sim::Respond{.status = 429, .headers = {{"Retry-After", "3600"}}, .body = "{}"});
  BackgroundRun run = start_backup();
  ASSERT_TRUE(run.wait_for_error_text("waiting 3600 s"));

  run.signal(GetParam());
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_P(Signal, TheSecondOneEndsAtOnce) {
  const auto id = add_filled("site");
  BackgroundRun run = start_backup({}, held_at("catalog.jsonl.zst", "rename"));
  ASSERT_TRUE(wait_until_held());
  run.signal(GetParam());
  ASSERT_TRUE(run.wait_for_error_text("once more to end at once"));

  run.signal(GetParam());
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted);
  EXPECT_TRUE(fs::exists(held_)) << "it was not held any more";
  EXPECT_FALSE(fs::exists(vault() / "catalog.jsonl.zst"));
  github_.clear_log();
  EXPECT_EQ(backup({"--stale-after", "0"}).exit_code, 0);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_P(Signal, DuringARestoreLeavesNoHalfRepository) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const fs::path place = scratch_ / "place";
  BackgroundRun run =
      start_hubkeep({"restore", "octo/site", (place / "site").string(), "--from", vault().string()},
                    held_at("*.bundle", "open"));
  ASSERT_TRUE(wait_until_held());
  run.signal(GetParam());
  ASSERT_TRUE(run.wait_for_error_text("stopping"));

  release();
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_TRUE(fs::is_empty(place));
}

TEST_P(Signal, DuringAVerificationLeavesNothingOfWhatItRebuilds) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const fs::path place = scratch_ / "place";
  BackgroundRun run =
      start_hubkeep({"verify", "--restore", "--temp-dir", place.string(), "--from", vault().string()},
                    held_at("*.bundle", "open"));
  ASSERT_TRUE(wait_until_held());
  const auto scratch = fs::directory_iterator(place)->path();
  EXPECT_EQ(fs::status(scratch).permissions(), fs::perms::owner_all);
  run.signal(GetParam());
  ASSERT_TRUE(run.wait_for_error_text("stopping"));

  release();
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_TRUE(fs::is_empty(place));
}

// Also when nobody can clean up: what lies in scratch has no name.
TEST_P(Signal, DuringADeepVerificationLeavesNothingAndChangesNothing) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const auto before = files_of_vault();
  const fs::path place = scratch_ / "place";
  for (const int signal : {GetParam(), SIGKILL}) {
    fs::remove(held_);
    BackgroundRun run =
        start_hubkeep({"verify", "--deep", "--temp-dir", place.string(), "--from", vault().string()},
                      held_at("*.bundle", "open"));
    ASSERT_TRUE(wait_until_held());
    run.signal(signal);
    if (signal != SIGKILL) {
      ASSERT_TRUE(run.wait_for_error_text("stopping"));
      release();
    }
    const auto result = run.finish();

    EXPECT_EQ(result.exit_code, signal == SIGKILL ? 128 + SIGKILL : kInterrupted) << result.err;
    EXPECT_TRUE(fs::is_empty(place));
    EXPECT_EQ(files_of_vault(), before);
  }
}

TEST_P(Signal, DuringARestoreByGitEndsGitAndLeavesNoHalfRepository) {
  const auto id = add_repository("site", {.object_format = sim::ObjectFormat::sha256});
  sim::make_repository_content(path_of(id), 1, 5, 5);
  pushed(id);
  ASSERT_EQ(backup().exit_code, 0);
  const fs::path place = scratch_ / "place";
  // Stands in for a git that has much to do.
  const fs::path programs = scratch_ / "programs";
  fs::create_directory(programs);
  std::ofstream(programs / "git") << "#!/bin/sh\necho $$ >'" << held_.string() << ".new'\nmv '"
                                  << held_.string() << ".new' '" << held_.string() << "'\nexec sleep 3600\n";
  fs::permissions(programs / "git", fs::perms::owner_all);
  BackgroundRun run =
      start_hubkeep({"restore", "octo/site", (place / "site").string(), "--from", vault().string()},
                    {{"PATH", programs.string() + ":/usr/bin:/bin"}});
  ASSERT_TRUE(wait_until_held());

  run.signal(GetParam());
  const auto result = run.finish();

  EXPECT_EQ(result.exit_code, kInterrupted) << result.err;
  EXPECT_TRUE(fs::is_empty(place));
  pid_t git = 0;
  std::ifstream(held_) >> git;
  EXPECT_EQ(kill(git, 0), -1) << "git still runs";
}

class Output : public EndToEnd {
 protected:
  // More than the C library keeps for itself.
  void make_many() {
    for (int i = 0; i < 20; ++i) pushed(add_repository("repository-with-a-long-name-" + std::to_string(i)));
    ASSERT_EQ(backup().exit_code, 0);
  }

  sim::RunResult list_into(const sim::FileDescriptor& out) {
    const auto in = sim::memory_file();
    const auto err = sim::memory_file();
    sim::ChildProcess list({.argv = {hubkeep_binary(), "list", "--json", "--from", vault().string()},
                            .inherit_environment = false},
                           in, out, err);
    const int exit_code = list.wait();
    return {.exit_code = exit_code, .out = "", .err = sim::read_whole(err)};
  }
};

TEST_F(Output, WhoseReaderHasGoneAwayIsNoError) {
  make_many();
  auto pipe = sim::make_pipe();
  pipe.read_end.close();

  const auto result = list_into(pipe.write_end);

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
}

TEST_F(Output, ThatIsLostIsAnError) {
  make_many();
  const sim::FileDescriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));

  const auto result = list_into(full);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output: No space left on device"));
}

}  // namespace
}  // namespace hubkeep
