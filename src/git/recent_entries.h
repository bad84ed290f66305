// The entries of a pack that came last: what a delta names by its offset is mostly among them, since git
// writes a base right before what is built on it. The memory is bounded, so of a base that lies further back
// nothing is known.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "git/pack_entry.h"

namespace hubkeep {

struct RecentEntry {
  ByteCount offset = 0;           // where its header begins
  std::uint64_t size = 0;         // of the object
  PackEntryType type = kUnknown;  // of the object
  std::uint32_t rests_on = 0;     // see DeltaBases
};

class RecentEntries {
 public:
  enum class Answer { found, no_entry, too_far_back };

  /// Ascending by offset.
  void add(const RecentEntry& entry) {
    if (entries_.size() < kKept) {
      entries_.push_back(entry);
    } else {
      entries_[count_ % kKept] = entry;
    }
    ++count_;
  }

  /// The one that begins at `offset`. Looks at the newest first, ever further back.
  Answer find(ByteCount offset, RecentEntry& found) const {
    std::size_t newer = 0;  // steps back from the newest; the one looked for is not among these
    std::size_t step = 1;
    while (newer + step < entries_.size() && back(newer + step).offset > offset) {
      newer += step;
      step *= 2;
    }
    std::size_t older = std::min(newer + step, entries_.size());
    while (newer < older) {
      const std::size_t middle = newer + (older - newer) / 2;
      if (back(middle).offset > offset)
        newer = middle + 1;
      else
        older = middle;
    }
    if (newer >= entries_.size()) return count_ > kKept ? Answer::too_far_back : Answer::no_entry;
    if (back(newer).offset != offset) return Answer::no_entry;
    found = back(newer);
    return Answer::found;
  }

 private:
  static constexpr std::size_t kKept = 16'384;

  const RecentEntry& back(std::size_t steps) const { return entries_[(count_ - 1 - steps) % kKept]; }

  std::vector<RecentEntry> entries_;
  std::size_t count_ = 0;
};

}  // namespace hubkeep
