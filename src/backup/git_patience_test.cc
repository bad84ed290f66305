#include "backup/git_patience.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::HasSubstr;

constexpr UtcTime kBegin{std::chrono::seconds(1'800'000'000)};

Error gave_up(const std::string& words) {
  return {ErrorKind::gave_up, "the server says: " + words};
}

TEST(Patience, TheSameWordsThreeTimesAreBelieved) {
  Patience patience(kBegin);

  EXPECT_FALSE(patience.judge(gave_up("unable to read 17"), kBegin).is_final());
  EXPECT_FALSE(patience.judge(gave_up("unable to read 17"), kBegin).is_final());
  EXPECT_TRUE(patience.judge(gave_up("unable to read 17"), kBegin).is_final());
  EXPECT_TRUE(patience.judge(gave_up("unable to read 17"), kBegin).is_final());
  EXPECT_EQ(patience.judge(gave_up("unable to read 17"), kBegin).message(),
            "the server says: unable to read 17");
}

TEST(Patience, WordsThatChangeAreNot) {
  Patience patience(kBegin);

  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(patience.judge(gave_up("you are number " + std::to_string(i)), kBegin).is_final());
}

TEST(Patience, ARefusalSaysHowOftenItCame) {
  Patience patience(kBegin);
  const Error refused(ErrorKind::refused, "the server says: maintenance");
  patience.judge(refused, kBegin);
  patience.judge(refused, kBegin);

  EXPECT_EQ(patience.judge(refused, kBegin).message(), "the server says: maintenance (tried 3 times)");
}

TEST(Patience, WhatNobodyElseSaysIsNotBelieved) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");

  for (int i = 0; i < 10; ++i) EXPECT_FALSE(patience.judge(cut, kBegin).is_final());
}

TEST(Patience, EndsAfterHalfAnHourThatBroughtNothing) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");
  const std::chrono::minutes stall{2};

  for (int i = 1; i < 15; ++i) EXPECT_FALSE(patience.judge(cut, kBegin + i * stall).is_final()) << i;
  const Error last = patience.judge(cut, kBegin + 15 * stall);

  EXPECT_TRUE(last.is_final());
  EXPECT_TRUE(patience.is_over());
  EXPECT_THAT(last.message(),
              HasSubstr("given up after 15 failed attempts and 30 minutes that brought nothing"));
}

TEST(Patience, LeavesAttemptsForTheSlicesOfAPackThatBreaksLate) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");

  for (int i = 1; i < 8; ++i)
    EXPECT_FALSE(patience.judge(cut, kBegin + i * std::chrono::hours(1)).is_final()) << i;
  EXPECT_TRUE(patience.judge(cut, kBegin + std::chrono::hours(8)).is_final());
}

TEST(Patience, TimeThatBroughtSomethingOrThatTheServerAskedForIsNotLost) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");
  UtcTime now = kBegin;

  for (int i = 0; i < 50; ++i) {
    patience.gained(now += std::chrono::hours(1));
    patience.excuse(std::chrono::hours(1));
    EXPECT_FALSE(patience.judge(cut, now += std::chrono::seconds(3610)).is_final()) << i;
  }
}

// Three breaks of a pack of two hours, and then its slices.
TEST(Patience, APackThatArrivesMakesUpForWhatWasLostBefore) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");
  UtcTime now = kBegin;
  for (int i = 0; i < 3; ++i) patience.judge(cut, now += std::chrono::hours(2));

  for (int i = 0; i < 20; ++i) {
    patience.gained(now += std::chrono::minutes(5));
    for (int k = 0; k < 7; ++k)
      EXPECT_FALSE(patience.judge(cut, now += std::chrono::minutes(9)).is_final()) << i;
  }
  EXPECT_TRUE(patience.judge(cut, now).is_final());
}

TEST(Patience, AListThatArrivesMakesUpForNothing) {
  Patience patience(kBegin);
  const Error cut(ErrorKind::transient, "the connection broke");
  UtcTime now = kBegin;

  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(patience.is_over()) << i;
    patience.answered(now += std::chrono::hours(1));
    patience.judge(cut, now += std::chrono::minutes(4));
  }
  EXPECT_TRUE(patience.is_over());
}

TEST(Patience, EndsAfterManyAttemptsHoweverQuick) {
  Patience patience(kBegin);
  int failed = 0;
  while (!patience.is_over()) patience.judge(gave_up(std::to_string(++failed)), kBegin);

  EXPECT_EQ(failed, 300);
}

TEST(Patience, EndsWhereTheServerLacksOneObjectAfterAnother) {
  Patience patience(kBegin);
  int failed = 0;
  while (!patience.is_over() && failed < 1000)
    patience.judge(
        {ErrorKind::not_found, "not our ref " + std::string(37, 'a') + std::to_string(100 + failed++)},
        kBegin);

  EXPECT_EQ(failed, 300);
}

TEST(Patience, ARepositoryThatIsGoneIsNoFailedAttempt) {
  Patience patience(kBegin);
  for (int i = 0; i < 1000; ++i) patience.judge({ErrorKind::not_found, "HTTP 404"}, kBegin);

  EXPECT_FALSE(patience.is_over());
}

TEST(Patience, OtherErrorsPassUntouched) {
  Patience patience(kBegin);

  EXPECT_EQ(patience.judge({ErrorKind::cancelled, "stopped"}, kBegin + std::chrono::hours(9)).message(),
            "stopped");
  EXPECT_FALSE(patience.is_over());
}

}  // namespace
}  // namespace hubkeep
