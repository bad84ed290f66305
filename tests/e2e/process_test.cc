// How the process stands among others: closed standard files, a terminal that goes away, no core file.

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <sstream>

#include "e2e/end_to_end.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProcessRun : public EndToEnd {
 protected:
  ProcessRun() { add_filled("site"); }

  /// Of the backup that is asking for a pack right now.
  int process_of_backup() const {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::error_code gone;
      if (fs::read_symlink(entry.path() / "exe", gone) != fs::canonical(hubkeep_binary())) continue;
      if (of_process(std::stoi(name), "cmdline").find(vault().string()) != std::string::npos)
        return std::stoi(name);
    }
    ADD_FAILURE() << "no backup runs";
    return 0;
  }
  static std::string of_process(int process, const std::string& what) {
    std::ostringstream text;
    text << std::ifstream(fmt::format("/proc/{}/{}", process, what), std::ios::binary).rdbuf();
    return text.str();
  }
  void while_it_runs(const std::function<void(int)>& look) {
    github_.faults().add({.git_command = sim::GitCommand::fetch},
                         sim::Hook{[this, look] { look(process_of_backup()); }});
  }
  /// Of a shell, that runs hubkeep as `how` has it.
  sim::RunResult shell(const std::string& how) {
    return sim::run({"sh", "-c", how}, {.cwd = scratch_.path(),
                                        .env = {{"HUBKEEP", hubkeep_binary()},
                                                {"TOKEN_GITHUB", token_},
                                                {"API", github_.api_url()},
                                                {"VAULT", vault().string()},
                                                {"XDG_CONFIG_HOME", (scratch_ / "settings").string()}}});
  }
};

TEST_F(ProcessRun, AClosedStandardFileIsNoFileOfTheVaults) {
  std::string files;
  while_it_runs([&](int process) {
    for (int file = 0; file < 3; ++file)
      files += fs::read_symlink(fmt::format("/proc/{}/fd/{}", process, file)).string() + " ";
  });

  const auto result = shell("\"$HUBKEEP\" backup --verbose --api-url \"$API\" --to \"$VAULT\" <&- >&- 2>&-");

  EXPECT_EQ(result.exit_code, 1) << "the result cannot be said";
  EXPECT_EQ(files, "/dev/null /dev/null /dev/null ");
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", vault().string()}).exit_code, 0);
}

TEST_F(ProcessRun, WithoutAStandardErrorItGoesOn) {
  const auto result = shell("\"$HUBKEEP\" backup --verbose --api-url \"$API\" --to \"$VAULT\" 2>&-");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("1 saved"));
}

TEST_F(ProcessRun, AResultForAClosedStandardOutputIsAnError) {
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = shell("\"$HUBKEEP\" list --from \"$VAULT\" >&-");

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output"));
}

TEST_F(ProcessRun, LeavesNoCoreFile) {
  std::string limits;
  while_it_runs([&](int process) { limits = of_process(process, "limits"); });

  EXPECT_EQ(backup().exit_code, 0);

  EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0 "));
}

// As when a connection by ssh breaks: the terminal is hung up, and nothing can be written to it any more.
TEST_F(ProcessRun, OutlivesItsTerminal) {
  ASSERT_TRUE(sim::find_program("setsid"));
  add_filled("tool", 2);
  sim::FileDescriptor screen(::posix_openpt(O_RDWR | O_NOCTTY));
  ASSERT_EQ(::grantpt(screen.get()), 0);
  ASSERT_EQ(::unlockpt(screen.get()), 0);
  sim::FileDescriptor terminal(::open(::ptsname(screen.get()), O_RDWR | O_NOCTTY));
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::Hook{[&] {
                         // What is shown is thrown away: the run must not wait for a reader.
                         terminal.close();
                         screen.close();
                       }});
  const auto out = sim::memory_file();
  sim::ChildProcess run(
      {.argv = {"setsid", "--ctty", "--wait", hubkeep_binary(), "backup", "--verbose", "--jobs", "1",
                "--api-url", github_.api_url(), "--to", vault().string()},
       .cwd = scratch_.path(),
       .env = {{"TOKEN_GITHUB", token_}, {"XDG_CONFIG_HOME", (scratch_ / "settings").string()}}},
      terminal, out, terminal);

  const int exit_code = run.wait();

  EXPECT_FALSE(screen.valid()) << "the terminal was never closed";
  EXPECT_EQ(exit_code, 0);
  EXPECT_THAT(sim::read_whole(out), HasSubstr("2 saved, 0 unchanged, 0 failed"));
}

}  // namespace
}  // namespace hubkeep
