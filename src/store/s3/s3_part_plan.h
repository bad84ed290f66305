// How large the parts of a multipart upload are: all but the last of one size, which R2 asks for, and which
// follows from what is known of the object when its writing begins.
#pragma once

#include <optional>

#include "base/byte_sink.h"

namespace hubkeep {

constexpr int kMostParts = 10'000;                       // S3: parts of an upload
constexpr ByteCount kSmallestPart = ByteCount{5} << 20;  // S3: all parts but the last
constexpr ByteCount kLargestPart = ByteCount{5} << 30;   // S3

/// So many are of one size, whatever comes.
constexpr int kEqualParts = 9'000;

struct PartPlan {
  ByteCount first = kSmallestPart;    // where nothing else is known; each writer has memory for it
  ByteCount largest = kSmallestPart;  // what memory allows

  friend bool operator==(const PartPlan&, const PartPlan&) = default;
};

/// `memory` is the budget that `jobs` share. A part takes a quarter of it at most, and 5 MiB at least.
PartPlan plan_parts(ByteCount memory, int jobs);

/// The size of equal parts, kEqualParts of which hold what is expected, as far as memory allows: 1,000 parts
/// are for what was estimated too small. Throws Error(invalid) where kMostParts of the largest do not hold
/// it.
ByteCount equal_part_size(const PartPlan& plan, std::optional<ByteCount> expected);

/// kMostParts of this size hold what is expected, and none smaller do.
ByteCount least_part_size(ByteCount expected);

/// The size to aim at for part `number` (from 1), where parts are of the size `equal`. That of all but the
/// last thousand: an object that is still not whole then was much larger than expected, or nothing was known
/// of it. Then sizes double with every hundred parts, which all servers but R2 take.
ByteCount part_size(const PartPlan& plan, ByteCount equal, int number);

}  // namespace hubkeep
