// S3 takes 10,000 parts. Nobody knows how large an object becomes, so every thousand parts their size
// doubles, up to what memory allows: small objects need little, and 10,000 parts still reach far.
#include "store/s3/s3_part_plan.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr ByteCount kUsualPart = ByteCount{8} << 20;
constexpr ByteCount kRoomForUsualParts = ByteCount{11}
                                         << 20;  // of a job: such a part, and what else it holds
constexpr int kPartsOfOneSize = 1000;

}  // namespace

PartPlan plan_parts(ByteCount memory, int jobs) {
  const ByteCount largest = std::clamp(memory / 4, kSmallestPart, kLargestPart);
  // Many jobs with little memory get the smallest parts that S3 takes, so that each of them can upload at
  // all.
  const bool roomy = memory / static_cast<ByteCount>(std::max(jobs, 1)) >= kRoomForUsualParts;
  return {.first = std::min(roomy ? kUsualPart : kSmallestPart, largest), .largest = largest};
}

ByteCount part_size(const PartPlan& plan, int number) {
  ByteCount size = plan.first;
  for (int step = (number - 1) / kPartsOfOneSize; step > 0 && size < plan.largest; --step) size *= 2;
  return std::min(size, plan.largest);
}

ByteCount largest_object(const PartPlan& plan) {
  ByteCount sum = 0;
  for (int number = 1; number <= kMostParts; ++number) sum += part_size(plan, number);
  return sum;
}

}  // namespace hubkeep
