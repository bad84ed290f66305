#include "store/s3/s3_part_plan.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

constexpr ByteCount kMiB = ByteCount{1} << 20;
constexpr ByteCount kGiB = ByteCount{1} << 30;

TEST(PartPlan, FitsTheBudgetAndTheJobs) {
  struct Case {
    ByteCount memory;
    int jobs;
    PartPlan plan;
  };
  for (const Case& c : {Case{64 * kMiB, 8, {5 * kMiB, 16 * kMiB}}, Case{64 * kMiB, 1, {8 * kMiB, 16 * kMiB}},
                        Case{88 * kMiB, 8, {8 * kMiB, 22 * kMiB}}, Case{8 * kMiB, 1, {5 * kMiB, 5 * kMiB}},
                        Case{1 * kMiB, 64, {5 * kMiB, 5 * kMiB}}, Case{24 * kMiB, 1, {6 * kMiB, 6 * kMiB}},
                        Case{1024 * kGiB, 1, {8 * kMiB, 5 * kGiB}}}) {
    EXPECT_EQ(plan_parts(c.memory, c.jobs), c.plan) << c.memory << " " << c.jobs;
  }
}

TEST(PartPlan, DoublesAPartAfterEveryThousand) {
  const PartPlan plan{.first = 5 * kMiB, .largest = 16 * kMiB};
  struct Case {
    int number;
    ByteCount size;
  };
  for (const Case& c : {Case{1, 5 * kMiB}, Case{1000, 5 * kMiB}, Case{1001, 10 * kMiB}, Case{2000, 10 * kMiB},
                        Case{2001, 16 * kMiB}, Case{10'000, 16 * kMiB}}) {
    EXPECT_EQ(part_size(plan, c.number), c.size) << c.number;
  }
}

TEST(PartPlan, ReachesTheLargestHistories) {
  EXPECT_EQ(largest_object({8 * kMiB, 16 * kMiB}) / kGiB, 148U);
  EXPECT_EQ(largest_object({5 * kMiB, 16 * kMiB}) / kGiB, 139U);
  EXPECT_EQ(largest_object({5 * kMiB, 5 * kMiB}) / kGiB, 48U);
}

}  // namespace
}  // namespace hubkeep
