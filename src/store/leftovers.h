// Takes away what runs that were killed have left in a store, without needing it: a run goes on where that
// fails.
#pragma once

#include <functional>
#include <string>

#include "store/object_store.h"

namespace hubkeep {

/// As ObjectStore::remove_stale(). `notice` is told of each problem; no Error comes out but cancelled.
Leftovers clean_up(ObjectStore& store, std::chrono::seconds age,
                   const std::function<void(const std::string&)>& notice);

/// "2 unfinished files or uploads, 1.2 GiB": what is left over, for people. Empty for nothing.
std::string describe_leftovers(int count, ByteCount bytes);

}  // namespace hubkeep
