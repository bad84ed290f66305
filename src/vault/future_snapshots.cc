#include "vault/future_snapshots.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {

bool is_from_the_future(const CatalogEntry& entry, UtcTime now) {
  return std::any_of(entry.newest.begin(), entry.newest.end(), [&](const CatalogSnapshot& snapshot) {
    return snapshot.snapshot.time() > now + kClockTolerance;
  });
}

std::string future_snapshots_text(const Catalog& catalog, UtcTime now) {
  std::size_t count = 0;
  const CatalogEntry* last = nullptr;
  for (const auto& [key, entry] : catalog) {
    if (!is_from_the_future(entry, now)) continue;
    ++count;
    if (!last || entry.newest.front().snapshot > last->newest.front().snapshot) last = &entry;
  }
  if (!last) return "";
  return fmt::format(
      "{} {} a snapshot from the future, the last {} of {}: a clock was ahead when it was made, or this "
      "machine's "
      "is behind. Later ones come after it by name; restore --at goes by GitHub's time",
      count, count == 1 ? "repository has" : "repositories have", last->newest.front().snapshot.str(),
      printable(last->listing.full_name));
}

}  // namespace hubkeep
