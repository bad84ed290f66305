// What a server said that it does not have is asked for again once a day, however often runs come.
#pragma once

#include <chrono>

#include "backup/git_freshness.h"
#include "base/clock.h"

namespace hubkeep {

/// Whether another day has begun since. Days begin at an hour that depends on `id`.
inline bool is_another_day(UtcTime asked_at, UtcTime now, std::int64_t id) {
  const auto offset = recheck_after(std::chrono::hours(24), id);
  const auto day_of = [&](UtcTime time) { return std::chrono::floor<std::chrono::days>(time + offset); };
  return day_of(asked_at) != day_of(now);
}

}  // namespace hubkeep
