// Applies a delta that lies in memory to its base (gitformat-pack, "Deltified representation"):
//   base size, result size, then *(copy of a piece of the base | bytes to insert)
// Every size and range is checked on the way: neither the delta nor the base is trusted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hubkeep {

struct DeltaSizes {
  std::uint64_t base = 0;
  std::uint64_t result = 0;
};

/// What the delta says. Throws Error(corrupt) for what no delta begins with.
DeltaSizes read_delta_sizes(std::string_view delta);

/// Makes the whole of `result`, which has the size that the delta says. Throws Error(corrupt), saying what is
/// wrong, not where.
void apply_delta(std::string_view base, std::string_view delta, std::span<char> result);
/// The same; the result's size is the delta's word.
std::string apply_delta(std::string_view base, std::string_view delta);

}  // namespace hubkeep
