#include "base/subprocess.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error_of.h"

namespace hubkeep {
namespace {

constexpr std::chrono::milliseconds kNoTime{1};

ProcessResult run(const std::string& script, std::string_view input = {}) {
  return run_process({.arguments = {"sh", "-c", script}}, input, {});
}

Error failure(const ProcessPlan& plan, std::string_view input, const std::stop_token& stop) {
  return error_of([&] { run_process(plan, input, stop); });
}

TEST(Subprocess, GivesBackOutputErrorsAndExitCode) {
  const auto result = run("cat; echo oh >&2; exit 3", "hello");

  EXPECT_EQ(result.output, "hello");
  EXPECT_EQ(result.errors, "oh\n");
  EXPECT_EQ(result.exit_code, 3);
}

TEST(Subprocess, TakesArgumentsAsTheyAre) {
  const auto result = run_process({.arguments = {"printf", "%s", "a b; $HOME *"}}, {}, {});

  EXPECT_EQ(result.output, "a b; $HOME *");
}

TEST(Subprocess, ExchangesMoreThanAPipeHolds) {
  const std::string bytes(3'000'000, 'x');

  const auto result = run("tee /dev/stderr", bytes);

  EXPECT_TRUE(result.output == bytes);
  EXPECT_TRUE(result.errors == bytes);
}

TEST(Subprocess, SurvivesAProgramThatDoesNotRead) {
  const auto result = run("false", std::string(3'000'000, 'x'));

  EXPECT_EQ(result.exit_code, 1);
}

TEST(Subprocess, TellsTheSignalThatEndedIt) {
  EXPECT_EQ(run("kill -TERM $$").exit_code, 128 + 15);
}

TEST(Subprocess, KeepsOurOwnGitSettingsFromIt) {
  ::setenv("GIT_DIR", "/elsewhere", 1);
  const auto result = run_process(
      {.arguments = {"sh", "-c", "echo $GIT_DIR,$GIT_OURS"}, .environment = {"GIT_OURS=1"}}, {}, {});
  ::unsetenv("GIT_DIR");

  EXPECT_EQ(result.output, ",1\n");
}

TEST(Subprocess, InheritsNoSecretWhateverItAsksFor) {
  const std::vector<std::string> secrets = {"TOKEN_GITHUB",      "GITHUB_TOKEN",          "GH_TOKEN",
                                            "HUBKEEP_APP_KEY",   "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
                                            "AWS_SESSION_TOKEN", "HUBKEEP_TOKEN"};
  for (const auto& name : secrets) ::setenv(name.c_str(), "hunter2", 1);
  ::setenv("AWS_PROFILE", "ours", 1);
  const auto all = run_process(
      {.arguments = {"env"}, .environment = {}, .inherits = [](std::string_view) { return true; }}, {}, {});
  const auto plain = run_process({.arguments = {"env"}}, {}, {});
  for (const auto& name : secrets) ::unsetenv(name.c_str());
  ::unsetenv("AWS_PROFILE");

  EXPECT_EQ(all.output.find("hunter2"), std::string::npos);
  EXPECT_NE(all.output.find("AWS_PROFILE=ours\n"), std::string::npos);
  EXPECT_EQ(plain.output.find("AWS_"), std::string::npos);
  EXPECT_NE(plain.output.find("PATH="), std::string::npos);
}

TEST(Subprocess, SaysThatThereIsNoSuchProgram) {
  const Error error = error_of([&] { run_process({.arguments = {"hubkeep-no-such-program"}}, {}, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_NE(error.message().find("hubkeep-no-such-program"), std::string::npos);
}

TEST(Subprocess, IsKilledWhenStopped) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(failure({.arguments = {"sleep", "1000"}}, {}, stop.get_token()).kind(), ErrorKind::cancelled);
}

TEST(Subprocess, IsKilledWhenItsTimeIsOver) {
  const Error error =
      failure({.arguments = {"sleep", "1000"}, .environment = {}, .time_limit = kNoTime}, {}, {});

  EXPECT_EQ(error.kind(), ErrorKind::internal);
  EXPECT_EQ(error.message(), "sleep took longer than 1 s: it was ended");
}

TEST(Subprocess, IsKilledWhenItReadsNothingForTooLong) {
  const ProcessPlan plan{.arguments = {"sleep", "1000"}, .environment = {}, .time_limit = kNoTime};

  EXPECT_EQ(failure(plan, std::string(3'000'000, 'x'), {}).message(),
            "sleep took longer than 1 s: it was ended");
}

// Its output is kept in memory, and `yes` has no end.
TEST(Subprocess, IsKilledWhenItWritesTooMuch) {
  for (const char* script : {"exec yes", "exec yes >&2"}) {
    const Error error =
        failure({.arguments = {"sh", "-c", script}, .environment = {}, .output_limit = 1000}, {}, {});

    EXPECT_EQ(error.kind(), ErrorKind::internal) << script;
    EXPECT_EQ(error.message(), "sh wrote more than 1000 B: it was ended") << script;
  }
}

TEST(Subprocess, MayWriteWhatItIsAllowedAndNotAByteMore) {
  const auto print = [](const char* bytes) {
    return ProcessPlan{.arguments = {"printf", bytes}, .environment = {}, .output_limit = 3};
  };

  EXPECT_EQ(run_process(print("abc"), {}, {}).output, "abc");
  EXPECT_EQ(failure(print("abcd"), {}, {}).message(), "printf wrote more than 3 B: it was ended");
}

TEST(Subprocess, IsKilledWithItsOwner) {
  {
    const Subprocess process({.arguments = {"sleep", "1000"}}, {});
  }

  SUCCEED() << "the destructor has waited for its end";
}

// All in its group hold a pipe: whoever reads it sees the end when the last of them is gone.
TEST(Subprocess, TakesWhatItHasStartedWithIt) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string script = "sh -c 'echo >&" + std::to_string(ends[1]) + "; sleep 1000' & wait";
  std::stop_source stop;
  Subprocess process({.arguments = {"sh", "-c", script}}, stop.get_token());
  ::close(ends[1]);
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1) << "its own child runs";

  stop.request_stop();

  EXPECT_THROW(process.wait(), Error);
  pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&readable, 1, 60'000), 1) << "its own child outlived it";
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  ::close(ends[0]);
}

TEST(Subprocess, GivesBothOutputsAsTheyComeAndWithoutALimit) {
  std::size_t outputs = 0;
  std::size_t errors = 0;
  const auto count = [&](std::string_view bytes) {
    for (const char byte : bytes) ++(byte == 'o' ? outputs : errors);
  };
  constexpr const char* kScript =
      "head -c 3000000 /dev/zero | tr '\\0' o; head -c 2000000 /dev/zero | tr '\\0' e >&2; exit 3";

  const ProcessResult result = run_process(
      {.arguments = {"sh", "-c", kScript}, .environment = {}, .output_limit = 1000, .on_output = count}, {},
      {});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(outputs, 3'000'000U);
  EXPECT_EQ(errors, 2'000'000U);
  EXPECT_EQ(result.output + result.errors, "");
}

// Whoever holds the pipe still is ended, and nothing waits for it.
TEST(Subprocess, WaitsForNoOutputOfWhatTheProgramHasLeftBehind) {
  std::string said;
  const auto keep = [&](std::string_view bytes) { said += bytes; };

  run_process({.arguments = {"sh", "-c", "sleep 1000 & echo here"}, .environment = {}, .on_output = keep}, {},
              {});

  EXPECT_EQ(said, "here\n");
}

}  // namespace
}  // namespace hubkeep
