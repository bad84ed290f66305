// How long a chain of bundles may grow, and what a fetch that shortens it builds on. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "base/byte_sink.h"

namespace hubkeep {

constexpr std::size_t kMaxIncrements = 100;

/// How many bundles of a chain with these sizes (base first) the next fetch keeps; it takes its haves from
/// the snapshot of the last one kept, and its bundle replaces the rest. All of them while there are at most
/// kMaxIncrements increments. Past that, the trailing ones that together are no larger than the one before
/// them are replaced, so that sizes fall geometrically and each byte is fetched again seldom. 0 is a new
/// base: only when the increments together are at least as large as the base.
std::size_t bundles_to_keep(const std::vector<ByteCount>& sizes);

}  // namespace hubkeep
