#include "base/underway.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace hubkeep {
namespace {

TEST(Underway, GivesAWorkToOneAndThenToNobody) {
  Underway<int> underway;
  {
    auto first = underway.try_claim("a");
    ASSERT_TRUE(std::holds_alternative<Underway<int>::Claim>(first));
    EXPECT_TRUE(std::holds_alternative<Underway<int>::Taken>(underway.try_claim("a")));
    EXPECT_TRUE(underway.is_taken("a"));
    EXPECT_TRUE(std::holds_alternative<Underway<int>::Claim>(underway.try_claim("b")));
  }
  EXPECT_FALSE(underway.is_taken("a"));
  auto second = underway.try_claim("a");
  ASSERT_TRUE(std::holds_alternative<Underway<int>::Claim>(second)) << "it was given up";
  std::get<Underway<int>::Claim>(second).finish(3);

  EXPECT_EQ(std::get<int>(underway.claim("a", {})), 3);
}

TEST(Underway, WaitsForWhoeverDoesIt) {
  Underway<int> underway;
  auto first = underway.try_claim("a");
  std::stop_source stop;
  std::optional<Underway<int>::Answer> answer;
  std::jthread waiting([&] { answer.emplace(underway.claim("a", {})); });

  std::get<Underway<int>::Claim>(first).finish(4);
  waiting.join();

  EXPECT_EQ(std::get<int>(*answer), 4);
  auto held = underway.try_claim("b");
  stop.request_stop();
  EXPECT_THROW(underway.claim("b", stop.get_token()), Error);
}

}  // namespace
}  // namespace hubkeep
