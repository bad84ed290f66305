#include "github/api_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using std::chrono::seconds;

constexpr UtcTime kNow{seconds(1'000'000)};  // by our clock
constexpr std::int64_t kGitHubNow = 1'795'459'501;
constexpr const char* kDate = "Mon, 23 Nov 2026 18:45:01 GMT";

HttpResponse told(std::int64_t remaining, seconds until_reset, Headers more = {}) {
  more.emplace_back("Date", kDate);
  more.emplace_back("x-ratelimit-remaining", std::to_string(remaining));
  more.emplace_back("x-ratelimit-reset", std::to_string(kGitHubNow + until_reset.count()));
  return {.status = 200, .headers = std::move(more), .body = "", .url = {}};
}

class ApiBudgetTest : public ::testing::Test {
 protected:
  /// What a request that has not waited yet would wait for.
  std::optional<seconds> wait(ApiKind api = ApiKind::rest, UtcTime now = kNow) {
    ApiBudget::Patience patience;
    const auto wait = budget_.begin(api, patience, now);
    if (wait) return wait->duration;
    budget_.end(api);
    return std::nullopt;
  }

  ApiBudget budget_;
};

TEST_F(ApiBudgetTest, NothingIsWaitedForBeforeAnythingIsTold) {
  EXPECT_EQ(wait(), std::nullopt);
  EXPECT_EQ(budget_.left(ApiKind::rest, kNow), std::nullopt);
}

TEST_F(ApiBudgetTest, TellsWhatIsLeftUntilTheHourIsOver) {
  budget_.note(told(17, seconds(600)), ApiKind::rest, kNow);

  EXPECT_EQ(budget_.left(ApiKind::rest, kNow), 17);
  EXPECT_EQ(budget_.left(ApiKind::graphql, kNow), std::nullopt);
  EXPECT_EQ(budget_.left(ApiKind::rest, kNow + seconds(601)), std::nullopt);
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(ApiBudgetTest, AUsedUpHourIsWaitedOutByOurClock) {
  budget_.note(told(0, seconds(600)), ApiKind::rest, kNow);

  EXPECT_EQ(wait(ApiKind::rest, kNow + seconds(100)), seconds(501));
  EXPECT_EQ(wait(ApiKind::graphql), std::nullopt) << "it has an hour of its own";
  EXPECT_EQ(wait(ApiKind::rest, kNow + seconds(601)), std::nullopt);
}

TEST_F(ApiBudgetTest, TheNextHourIsAnother) {
  budget_.note(told(0, seconds(60)), ApiKind::rest, kNow);
  budget_.note(told(4999, seconds(3660)), ApiKind::rest, kNow + seconds(61));

  EXPECT_EQ(wait(ApiKind::rest, kNow + seconds(61)), std::nullopt);
  EXPECT_EQ(budget_.left(ApiKind::rest, kNow + seconds(61)), 4999);
}

TEST_F(ApiBudgetTest, WhatIsUnderWayMayCostWhatIsLeft) {
  budget_.note(told(2, seconds(600)), ApiKind::rest, kNow);
  ApiBudget::Patience patience;
  ASSERT_FALSE(budget_.begin(ApiKind::rest, patience, kNow));
  EXPECT_EQ(wait(), std::nullopt);

  ASSERT_FALSE(budget_.begin(ApiKind::rest, patience, kNow));
  EXPECT_EQ(wait(), seconds(601));
  EXPECT_EQ(wait(ApiKind::graphql), std::nullopt);

  budget_.end(ApiKind::rest);
  EXPECT_EQ(wait(), std::nullopt);
}

TEST_F(ApiBudgetTest, OfAnswersThatOvertakeEachOtherTheLeastCounts) {
  budget_.note(told(3, seconds(600)), ApiKind::rest, kNow);
  budget_.note(told(4, seconds(600)), ApiKind::rest, kNow);

  EXPECT_EQ(budget_.left(ApiKind::rest, kNow), 3);
}

TEST_F(ApiBudgetTest, OneOfManyProcessesTakesNoMoreThanItsPart) {
  budget_.share_among(4);

  budget_.note(told(11, seconds(600)), ApiKind::rest, kNow);
  EXPECT_EQ(budget_.left(ApiKind::rest, kNow), 2);
  budget_.note(told(3, seconds(600)), ApiKind::rest, kNow);
  EXPECT_EQ(wait(), seconds(601));
}

TEST_F(ApiBudgetTest, SearchHasAnHourOfItsOwn) {
  budget_.note(told(0, seconds(60), {{"X-RateLimit-Resource", "search"}}), ApiKind::rest, kNow);
  EXPECT_EQ(wait(), std::nullopt);

  budget_.note(told(0, seconds(60), {{"X-RateLimit-Resource", "core"}}), ApiKind::rest, kNow);
  EXPECT_EQ(wait(), seconds(61));
}

TEST_F(ApiBudgetTest, ASecondaryLimitIsForBothApis) {
  budget_.hold({.duration = seconds(30), .reason = "slow"}, ApiKind::rest, kNow);

  EXPECT_EQ(wait(ApiKind::rest, kNow + seconds(10)), seconds(20));
  EXPECT_EQ(wait(ApiKind::graphql, kNow + seconds(10)), seconds(20));
  EXPECT_EQ(wait(ApiKind::rest, kNow + seconds(30)), std::nullopt);
}

TEST_F(ApiBudgetTest, TheLongestWaitCounts) {
  budget_.hold({.duration = seconds(60), .reason = "long"}, ApiKind::rest, kNow);
  budget_.hold({.duration = seconds(30), .reason = "short"}, ApiKind::graphql, kNow);
  EXPECT_EQ(wait(), seconds(60));

  budget_.note(told(0, seconds(600)), ApiKind::rest, kNow);
  EXPECT_EQ(wait(), seconds(601));
  EXPECT_EQ(wait(ApiKind::graphql), seconds(60));
}

// A clock that does not move, or is set back, must not keep anybody for ever.
TEST_F(ApiBudgetTest, ARequestWaitsForEachLimitOnce) {
  ApiBudget::Patience patience;
  budget_.hold({.duration = seconds(30), .reason = "slow"}, ApiKind::rest, kNow);

  EXPECT_EQ(budget_.begin(ApiKind::rest, patience, kNow - seconds(5000)).value().duration, seconds(30));
  EXPECT_FALSE(budget_.begin(ApiKind::rest, patience, kNow - seconds(5000)));
  budget_.hold({.duration = seconds(30), .reason = "slow again"}, ApiKind::rest, kNow);
  EXPECT_EQ(budget_.begin(ApiKind::rest, patience, kNow).value().reason, "slow again");
}

TEST_F(ApiBudgetTest, AnHourThatLastsTooLongIsLeftToGitHubToRefuse) {
  budget_.note(told(0, std::chrono::hours(5)), ApiKind::rest, kNow);

  EXPECT_EQ(wait(), std::nullopt);
}

}  // namespace
}  // namespace hubkeep
