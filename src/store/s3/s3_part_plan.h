// How large the parts of a multipart upload are, whose whole size nobody knows before its end.
#pragma once

#include "base/byte_sink.h"

namespace hubkeep {

constexpr int kMostParts = 10'000;                       // S3: parts of an upload
constexpr ByteCount kSmallestPart = ByteCount{5} << 20;  // S3: all parts but the last
constexpr ByteCount kLargestPart = ByteCount{5} << 30;   // S3

struct PartPlan {
  ByteCount first = kSmallestPart;
  ByteCount largest = kSmallestPart;

  friend bool operator==(const PartPlan&, const PartPlan&) = default;
};

/// `memory` is the budget that `jobs` share. A part takes a quarter of it at most, and 5 MiB at least.
PartPlan plan_parts(ByteCount memory, int jobs);

/// The size to aim at for part `number` (from 1): doubled after every thousand parts. Objects of some
/// gigabytes keep one size, which some servers ask for.
ByteCount part_size(const PartPlan& plan, int number);

/// What fits into all the parts.
ByteCount largest_object(const PartPlan& plan);

}  // namespace hubkeep
