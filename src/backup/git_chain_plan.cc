// From the end of the chain, increments are gathered as long as the one before them is no larger than all of
// them together, as in a merge of sorted runs. What is left falls geometrically in size.
#include "backup/git_chain_plan.h"

namespace hubkeep {

std::size_t bundles_to_keep(const std::vector<ByteCount>& sizes) {
  if (sizes.size() <= kMaxIncrements + 1) return sizes.size();
  std::size_t keep = sizes.size() - 1;
  ByteCount replaced = sizes.back();
  // BundlesToKeep.KeepsChainsShortAndFetchesLittleAgain counts what that costs over many runs.
  while (keep > 0 && sizes[keep - 1] <= replaced) replaced += sizes[--keep];
  return keep;
}

}  // namespace hubkeep
