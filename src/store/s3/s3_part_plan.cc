// S3 takes 10,000 parts, and a part is memory: it is held until it has arrived. So small objects get small
// parts, and an object of which the size is known gets parts as large as it needs, where memory has room.
#include "store/s3/s3_part_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr ByteCount kMiB = ByteCount{1} << 20;
constexpr ByteCount kUsualPart = 8 * kMiB;
constexpr ByteCount kRoomForUsualParts = 11 * kMiB;  // of a job: such a part, and what else it holds
constexpr int kShareOfMemory = 4;
constexpr int kPartsOfOneSizeAtTheEnd = 100;

// In whole MiB.
ByteCount needed_for(ByteCount size, ByteCount parts) {
  const ByteCount each = size / parts + (size % parts == 0 ? 0 : 1);
  return (each + kMiB - 1) / kMiB * kMiB;
}

}  // namespace

PartPlan plan_parts(ByteCount memory, int jobs) {
  const ByteCount largest = std::clamp(memory / kShareOfMemory, kSmallestPart, kLargestPart);
  // Many jobs with little memory get the smallest parts that S3 takes, so that each of them can upload at
  // all.
  const bool roomy = memory / static_cast<ByteCount>(std::max(jobs, 1)) >= kRoomForUsualParts;
  return {.first = std::min(roomy ? kUsualPart : kSmallestPart, largest), .largest = largest};
}

ByteCount least_part_size(ByteCount expected) {
  return needed_for(expected, kMostParts);
}

ByteCount equal_part_size(const PartPlan& plan, std::optional<ByteCount> expected) {
  if (!expected) return plan.first;
  const ByteCount least = least_part_size(*expected);
  if (least > std::max(plan.first, plan.largest))
    throw Error(ErrorKind::invalid,
                fmt::format("{} need parts of {} and memory for them: give --memory {}MiB",
                            human_size(*expected), human_size(least), least * kShareOfMemory / kMiB));
  return std::max(plan.first, std::min(needed_for(*expected, kEqualParts), plan.largest));
}

ByteCount part_size(const PartPlan& plan, ByteCount equal, int number) {
  if (number <= kEqualParts) return equal;
  ByteCount size = equal;
  for (int more = number - kEqualParts; more > 0 && size < plan.largest; more -= kPartsOfOneSizeAtTheEnd)
    size *= 2;
  return std::max(equal, std::min(size, plan.largest));
}

}  // namespace hubkeep
