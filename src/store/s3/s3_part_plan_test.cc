#include "store/s3/s3_part_plan.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

constexpr ByteCount kMiB = ByteCount{1} << 20;
constexpr ByteCount kGiB = ByteCount{1} << 30;
constexpr ByteCount kTiB = ByteCount{1} << 40;

/// What fits into all the parts.
ByteCount largest_object(const PartPlan& plan, std::optional<ByteCount> expected) {
  const ByteCount equal = equal_part_size(plan, expected);
  ByteCount sum = 0;
  for (int number = 1; number <= kMostParts; ++number) sum += part_size(plan, equal, number);
  return sum;
}

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

TEST(PartPlan, MakesPartsAsLargeAsTheObjectNeeds) {
  struct Case {
    PartPlan plan;
    std::optional<ByteCount> expected;
    ByteCount size;
  };
  const PartPlan usual{.first = 8 * kMiB, .largest = 64 * kMiB};
  for (const Case& c :
       {Case{usual, std::nullopt, 8 * kMiB}, Case{usual, 0, 8 * kMiB}, Case{usual, 1, 8 * kMiB},
        Case{usual, 72'000 * kMiB, 8 * kMiB}, Case{usual, 72'000 * kMiB + 1, 9 * kMiB},
        Case{usual, 400 * kGiB, 46 * kMiB},
        // Of the largest 9,000 are too few, and 10,000 are not.
        Case{usual, 600'000 * kMiB, 64 * kMiB}, Case{usual, 640'000 * kMiB, 64 * kMiB},
        Case{{5 * kMiB, 5 * kMiB}, 48 * kGiB, 5 * kMiB}, Case{{8 * kMiB, 5 * kGiB}, 5 * kTiB, 583 * kMiB}}) {
    EXPECT_EQ(equal_part_size(c.plan, c.expected), c.size) << c.expected.value_or(0);
  }
}

TEST(PartPlan, RefusesWhatDoesNotFitBeforeTheFirstByte) {
  const PartPlan usual{.first = 8 * kMiB, .largest = 64 * kMiB};

  try {
    equal_part_size(usual, 640'000 * kMiB + 1);
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("need parts of 65.0 MiB"));
    EXPECT_THAT(error.message(), HasSubstr("--memory 260MiB"));
  }
}

TEST(PartPlan, KeepsOneSizeUntilOnlyAThousandAreLeft) {
  const PartPlan plan{.first = 5 * kMiB, .largest = 16 * kMiB};
  struct Case {
    int number;
    ByteCount size;
  };
  for (const Case& c : {Case{1, 5 * kMiB}, Case{1000, 5 * kMiB}, Case{9000, 5 * kMiB}, Case{9001, 10 * kMiB},
                        Case{9100, 10 * kMiB}, Case{9101, 16 * kMiB}, Case{10'000, 16 * kMiB}}) {
    EXPECT_EQ(part_size(plan, 5 * kMiB, c.number), c.size) << c.number;
  }
  EXPECT_EQ(part_size(plan, 20 * kMiB, 10'000), 20 * kMiB);
}

TEST(PartPlan, ReachesTheLargestHistories) {
  EXPECT_EQ(largest_object({8 * kMiB, 16 * kMiB}, std::nullopt) / kGiB, 85U);
  EXPECT_EQ(largest_object({5 * kMiB, 5 * kMiB}, std::nullopt) / kGiB, 48U);
  EXPECT_EQ(largest_object({8 * kMiB, 16 * kMiB}, 150 * kGiB) / kGiB, 156U);
  EXPECT_GE(largest_object({8 * kMiB, 5 * kGiB}, 5 * kTiB), 5 * kTiB);
  // Half as much again as was expected.
  EXPECT_GE(largest_object({8 * kMiB, 1 * kGiB}, 1 * kTiB), 3 * kTiB / 2);
}

}  // namespace
}  // namespace hubkeep
