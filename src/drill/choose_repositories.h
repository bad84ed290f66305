// Which repositories a drill restores. The largest, because it takes longest; those that no drill has
// restored for longest, so that each has its turn; and some by chance, so that nobody knows beforehand which.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "drill/drill_record.h"

namespace hubkeep {

struct DrillCandidate {
  SubjectKey key;
  ByteCount size = 0;
  std::optional<UtcTime> last_drilled;  // nothing: never, as far as is known
};

struct DrillChoice {
  SubjectKey key;
  ChosenAs as = ChosenAs::largest;

  friend bool operator==(const DrillChoice&, const DrillChoice&) = default;
};

/// At most `count` of them, each once: the largest that is no larger than `disk`, then by turns one that was
/// not drilled for longest and one by chance. The latter depend on the seed, `count` and the candidates
/// alone, and not on earlier drills. Candidates that are larger than `disk` are left out. Pure.
std::vector<DrillChoice> choose_repositories(std::vector<DrillCandidate> candidates, std::size_t count,
                                             std::uint64_t seed, ByteCount disk);

}  // namespace hubkeep
