#include "base/subprocess.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(Subprocess, GivesBackOutputErrorsAndExitCode) {
  const auto result = run_process({"sh", "-c", "cat; echo oh >&2; exit 3"}, {}, "hello", {});

  EXPECT_EQ(result.output, "hello");
  EXPECT_EQ(result.errors, "oh\n");
  EXPECT_EQ(result.exit_code, 3);
}

TEST(Subprocess, TakesArgumentsAsTheyAre) {
  const auto result = run_process({"printf", "%s", "a b; $HOME *"}, {}, {}, {});

  EXPECT_EQ(result.output, "a b; $HOME *");
}

TEST(Subprocess, ExchangesMoreThanAPipeHolds) {
  const std::string bytes(3'000'000, 'x');

  const auto result = run_process({"sh", "-c", "tee /dev/stderr"}, {}, bytes, {});

  EXPECT_TRUE(result.output == bytes);
  EXPECT_TRUE(result.errors == bytes);
}

TEST(Subprocess, SurvivesAProgramThatDoesNotRead) {
  const auto result = run_process({"false"}, {}, std::string(3'000'000, 'x'), {});

  EXPECT_EQ(result.exit_code, 1);
}

TEST(Subprocess, TellsTheSignalThatEndedIt) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -TERM $$"}, {}, {}, {}).exit_code, 128 + 15);
}

TEST(Subprocess, KeepsOurOwnGitSettingsFromIt) {
  ::setenv("GIT_DIR", "/elsewhere", 1);
  const auto result = run_process({"sh", "-c", "echo $GIT_DIR,$GIT_OURS"}, {"GIT_OURS=1"}, {}, {});
  ::unsetenv("GIT_DIR");

  EXPECT_EQ(result.output, ",1\n");
}

TEST(Subprocess, SaysThatThereIsNoSuchProgram) {
  try {
    run_process({"hubkeep-no-such-program"}, {}, {}, {});
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(error.message().find("hubkeep-no-such-program"), std::string::npos);
  }
}

TEST(Subprocess, IsKilledWhenStopped) {
  std::stop_source stop;
  stop.request_stop();

  try {
    run_process({"sleep", "1000"}, {}, {}, stop.get_token());
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  }
}

TEST(Subprocess, IsKilledWithItsOwner) {
  {
    const Subprocess process({"sleep", "1000"}, {});
  }

  SUCCEED() << "the destructor has waited for its end";
}

}  // namespace
}  // namespace hubkeep
