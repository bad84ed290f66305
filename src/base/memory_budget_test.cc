#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(MemoryBudget, GivesBackWhatALeaseHeld) {
  MemoryBudget budget(100);
  {
    const auto lease = budget.acquire(100, {});
  }

  EXPECT_EQ(budget.acquire(100, {}).size(), 100U);
}

TEST(MemoryBudget, RefusesMoreThanThereEverIs) {
  MemoryBudget budget(100);

  EXPECT_THROW(budget.acquire(101, {}), Error);
}

TEST(MemoryBudget, WakesTheOneThatWaits) {
  MemoryBudget budget(100);
  auto held = std::make_unique<MemoryBudget::Lease>(budget.acquire(60, {}));
  bool got = false;

  std::jthread waiter([&] {
    const auto lease = budget.acquire(60, {});
    got = true;
  });
  held.reset();
  waiter.join();

  EXPECT_TRUE(got);
}

TEST(MemoryBudget, WaitingEndsWhenStopped) {
  MemoryBudget budget(100);
  const auto held = budget.acquire(60, {});
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(budget.acquire(60, stop.get_token()), Error);
}

TEST(MemoryBudget, GivesMoreOnlyWhereItIsFree) {
  MemoryBudget budget(100);
  const auto held = budget.acquire(60, {});

  const auto fits = budget.try_acquire(40);
  const auto too_much = budget.try_acquire(1);

  EXPECT_TRUE(fits.has_value());
  EXPECT_FALSE(too_much.has_value());
}

TEST(MemoryBudget, TakesBackWhatWasOnlyTriedFor) {
  MemoryBudget budget(100);

  budget.try_acquire(100);

  EXPECT_EQ(budget.acquire(100, {}).size(), 100U);
}

}  // namespace
}  // namespace hubkeep
