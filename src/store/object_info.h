// What is said of objects, whatever the store: values that go from the store to those who know no store.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_count.h"
#include "base/clock.h"
#include "base/error.h"

namespace hubkeep {

/// What the opener of a store means to do there.
enum class OpenMode {
  read,    // must exist already
  write,   // must exist already; nothing is made before something is written
  create,  // made when it is missing
};

/// A key is a relative path: components joined by '/', each 1 to 255 bytes of A-Za-z0-9._-%@ and never "." or
/// "..". Every function that takes one throws Error(invalid) for any other text.
using ObjectKey = std::string;

/// Whether an object can be read now. S3's archive classes give nothing before a request to bring it back.
enum class Access { at_once, cold, thawing };

struct ObjectInfo {
  ObjectKey key;
  ByteCount size = 0;
  UtcTime modified;  // by the store's own clock
  /// A list knows an object's class only: what it calls cold, a look at that one may know to be brought back.
  Access access = Access::at_once;
  std::optional<std::uint32_t> crc32;  // where the store keeps it; by a look at one alone
};

/// How an object is to be brought back, in AWS's own terms: faster costs more.
enum class ThawTier { expedited, standard, bulk };
struct ThawRequest {
  ThawTier tier = ThawTier::standard;
  std::chrono::days days{7};  // so long it is to stay at hand
};

/// How long a store locks what is in it, as of some moment.
struct LockPlan {
  UtcTime until;         // for what is written now, and for what is extended
  UtcTime renew_before;  // a lock that ends before has less than half of its time left

  friend bool operator==(const LockPlan&, const LockPlan&) = default;
};

/// The most that is read and written as a whole of anything of the vault: the catalog of a million
/// repositories, the zips of half a million on one day.
constexpr ByteCount kMaxReadWhole = ByteCount{256} << 20;

/// What writers have left that did not come to their end: temporary files, unfinished uploads.
struct Leftovers {
  int removed = 0;
  ByteCount removed_bytes = 0;  // as far as the store tells, as in `bytes`
  int left = 0;                 // of writers that live, or that may: nobody can tell, and it is young
  ByteCount bytes = 0;
  std::vector<Error> problems;  // what could not be removed, or be looked at, and why
};

}  // namespace hubkeep
